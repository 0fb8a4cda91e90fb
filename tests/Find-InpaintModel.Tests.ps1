BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $mask = Join-Path $pictures 'dog_mask.png'
    $emulator = Start-Emulator
    $new = @{
        id = 'someone/brand-new/inpaint'; category = 'image-to-image'; updatedAt = '2026-11-27T10:00:00Z'; unitPrice = 0.03; unit = 'images'
        fields = @(
            @{ name = 'prompt'; isRequired = $true }
            @{ name = 'image_url'; type = 'File'; isRequired = $true }
            @{ name = 'mask_url'; type = 'File'; isRequired = $true }
            @{ name = 'sharpness'; type = 'Number'; minimum = 0; maximum = 2; description = 'How sharp the edges are.' }
        )
    }
    $pictureMaker = @{
        id = 'someone/painter'; category = 'text-to-image'; unitPrice = 0.002; unit = 'compute seconds'
        fields = @(@{ name = 'prompt'; isRequired = $true }, @{ name = 'image_size'; type = 'Size' }, @{ name = 'style'; values = 'oil', 'ink' })
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'Find-InpaintModel' {
    BeforeEach {
        Reset-Emulator
        $null = Send-Emulator models $new
        $null = Send-Emulator models $pictureMaker
    }

    It 'finds a model that appeared today, with its price, its date and what it takes' {
        $model = Find-InpaintModel brand-new -Provider Test
        $model | Should -BeOfType Inpaint.InpaintModel
        $model.Id, "$($model.Operation)", "$($model.Price)" | Should -Be 'someone/brand-new/inpaint', 'Inpaint', '$0.03 per image'
        $model.UpdatedAt.ToString('yyyy-MM-dd') | Should -Be '2026-11-27'
        $model.Parameters.Name | Should -Contain 'sharpness'

        ($model | Out-String -Width 160) | Should -Match 'Id\s+Name\s+Price\s+Operation\s+Updated'
        ($model | Format-List | Out-String) | Should -Match 'How sharp the edges are'
        (Find-InpaintModel brand-new -Provider Test -Detailed | Out-String) | Should -Match 'sharpness \(option, 0-2\): How sharp'
    }

    It 'pipes into the commands that use models' {
        $file = Find-InpaintModel brand-new -Provider Test | Invoke-Inpaint $dog $mask 'a lion' -Option @{ sharpness = 1 } | Save-InpaintImage -Path "$TestDrive/out/"
        $file | Should -Exist
        (Send-Emulator 'requests?operation=submit').path | Should -Be '/queue/someone/brand-new/inpaint'

        $result = Find-InpaintModel painter -Provider Test -Operation TextToImage | New-InpaintImage 'a lion' -Option @{ style = 'ink' }
        $result.Images | Should -HaveCount 1
        "$($result.Job.Model)" | Should -Be 'someone/painter'
    }

    It 'pages through all that there is and tells the operations apart' {
        $all = Find-InpaintModel -Provider Test -Operation Inpaint
        $all | Should -HaveCount 39
        $all.Operation | Select-Object -Unique | Should -Be 'Inpaint'
        @(Send-Emulator 'requests?operation=pricing').Count | Should -BeLessOrEqual 2
        (Find-InpaintModel -Provider Test -Operation TextToImage).Id | Should -Contain 'someone/painter'
        (Find-InpaintModel 'no such model' -Provider Test) | Should -BeNullOrEmpty
    }

    It 'is what completion offers afterwards, newest first' {
        $null = Find-InpaintModel brand-new -Provider Test
        $matches = (TabExpansion2 'Invoke-Inpaint a.png b.png -Provider Test -Model ').CompletionMatches
        $matches[0].CompletionText | Should -Be 'fal-ai/flux-lora/inpainting'
        $matches[1].CompletionText | Should -Be 'someone/brand-new/inpaint'
        $matches[1].ToolTip | Should -Match '\$0.03 per image, 2026-11-27'
        $option = (TabExpansion2 'Invoke-Inpaint a.png b.png -Provider Test -Model someone/brand-new/inpaint -Option ').CompletionMatches | Where-Object ListItemText -Like 'sharpness = *' | Select-Object -First 1
        $option.ToolTip | Should -Match 'How sharp the edges are'
    }

    It 'lists what is known here when fal cannot be reached, and says so' {
        $null = Send-Emulator faults @{ operation = 'models'; always = $true; faults = @(@{ kind = 'respond'; status = 503; body = '{}' }) }
        $models = Find-InpaintModel -Provider Test -Operation Inpaint -WarningVariable warning -WarningAction SilentlyContinue
        $models.Count | Should -BeGreaterOrEqual 37
        "$warning" | Should -Match 'The models of .* cannot be read.*503'
    }

    It 'lists the models of providers that tell nothing, and those of Fal where none was chosen' {
        (Find-InpaintModel -Provider ModelsLab -Operation Inpaint).Id | Should -Contain (Get-InpaintProvider ModelsLab).CapabilitiesFor('Inpaint').DefaultModel
        { Find-InpaintModel -Provider Nobody -ErrorAction Stop } | Should -Throw -ErrorId 'ProviderNotFound*'
    }

    It 'stops asking when nobody reads on' {
        $null = Find-InpaintModel -Provider Test | Select-Object -First 1
        @(Send-Emulator 'requests?operation=models').Count | Should -BeLessOrEqual 3
    }
}
