BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures -Size 256
    $mask = Join-Path $pictures 'dog_mask.png'
    $null = Start-Emulator
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe "fal's other inpainting models" {
    BeforeEach {
        Reset-Emulator
    }

    It 'go by the same line: <Model>, with a mask that <Segmenter> makes' -ForEach $(
        $models = @(
            @{ Model = 'fal-ai/flux-general/inpainting'; Given = @{ Prompt = 'a lion'; NegativePrompt = 'blurry'; Option = @{ use_real_cfg = $true } }; Fields = 'image_url', 'mask_url', 'negative_prompt', 'prompt', 'use_real_cfg' }
            @{ Model = 'fal-ai/z-image/turbo/inpaint'; Given = @{ Prompt = 'a lion'; Option = @{ control_scale = 0.5 } }; Fields = 'control_scale', 'image_url', 'mask_image_url', 'prompt' }
            @{ Model = 'fal-ai/fooocus/inpaint'; Given = @{ Prompt = 'a lion'; Strength = 0.9; Size = '1024x1024'; Option = @{ styles = 'Fooocus V2', 'Fooocus Sharp' } }; Fields = 'aspect_ratio', 'inpaint_image_url', 'inpaint_strength', 'mask_image_url', 'output_format', 'prompt', 'styles' }
            @{ Model = 'fal-ai/ideogram/v3/edit'; Given = @{ Prompt = 'a lion'; Option = @{ rendering_speed = 'turbo' } }; Fields = 'image_url', 'mask_url', 'prompt', 'rendering_speed' }
            @{ Model = 'fal-ai/bria/eraser'; Given = @{ }; Fields = 'image_url', 'mask_url' }
            # Not built in: the emulator offers it from this test on, as fal may from tomorrow on.
            @{ Model = 'someone/appeared-today/inpaint'; Given = @{ Prompt = 'a lion'; Count = 2; Option = @{ mood = 'calm' } }; Fields = 'input_image_url', 'mask_image_url', 'mood', 'num_images', 'prompt' }
        )
        foreach ($segmenter in 'fal-ai/sam-3/image', 'fal-ai/evf-sam') {
            $models | ForEach-Object { $_ + @{ Segmenter = $segmenter } }
        }
    ) {
        $null = Send-Emulator models @{
            id = 'someone/appeared-today/inpaint'; unitPrice = 0.02; unit = 'images'
            fields = @(
                @{ name = 'prompt'; isRequired = $true }, @{ name = 'input_image_url'; type = 'File'; isRequired = $true }, @{ name = 'mask_image_url'; type = 'File'; isRequired = $true }
                @{ name = 'num_images'; type = 'Integer'; minimum = 1; maximum = 4 }, @{ name = 'mood'; values = 'calm', 'wild'; description = 'How it feels.' }
            )
        }
        $results = New-InpaintMask $dog -Prompt 'the dog' -Provider Test -Model $Segmenter -Path "$TestDrive/found.png" -Force |
            Invoke-Inpaint -Provider Test -Model $Model @Given -KeepUnmasked
        $file = $results | Save-InpaintImage -Path "$TestDrive/out/" -Force

        (Send-Emulator state).paidJobs | Should -Be 2
        $body = @(Send-Emulator 'requests?operation=Submit')[1].body | ConvertFrom-Json
        $body.psobject.Properties.Name | Sort-Object | Should -Be $Fields
        $file | Should -HaveCount ($Given['Count'] ?? 1)
        # Repainted where the mask is white, whatever the model's own convention.
        foreach ($picture in $file) {
            (Compare-InpaintImage $dog $picture -Mask "$TestDrive/found.png").ChangedPixels | Should -Be 0
            (Compare-InpaintImage $dog $picture).ChangedPixels | Should -BeGreaterThan 1000
        }

        $results.Cost.IsEstimate | Should -BeFalse
        Get-InpaintStatus | Should -BeNullOrEmpty
    }

    It 'refuse what they do not have, and name what they do' {
        { Invoke-Inpaint $dog $mask -Provider Test -Model fal-ai/bria/eraser -Prompt 'a lion' -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidParameter.Prompt,Inpaint.InvokeInpaintCommand' -ExpectedMessage '*fal-ai/bria/eraser of Test has no Prompt*'
        { Invoke-Inpaint $dog $mask -Provider Test -Model fal-ai/bria/eraser -Option @{ mask_type = 'auto' } -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidParameter.mask_type,Inpaint.InvokeInpaintCommand' -ExpectedMessage '*manual, automatic*'
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'make pictures from a prompt alone, by the description of a model that nobody has looked up' {
        $null = Send-Emulator models @{
            id = 'someone/painter-of-today'; category = 'text-to-image'; unitPrice = 0.01; unit = 'images'
            fields = @(@{ name = 'prompt'; isRequired = $true }, @{ name = 'image_size'; type = 'Size' }, @{ name = 'style'; values = 'oil', 'ink' })
        }
        $result = New-InpaintImage 'a lion' -Provider Test -Model someone/painter-of-today -Size square -Option @{ style = 'ink' } -MaximumCost 0.01
        "$($result.Job.Model) $($result.Cost.Amount)" | Should -Be 'someone/painter-of-today 0.01'
        { New-InpaintImage 'a lion' -Provider Test -Model someone/painter-of-today -Option @{ style = 'chalk' } -ErrorAction Stop } |
            Should -Throw -ErrorId 'InvalidParameter.style,Inpaint.NewInpaintImageCommand' -ExpectedMessage '*oil, ink*'
    }

    It 'complete by name, and so do their options' {
        (TabExpansion2 'Invoke-Inpaint a.png b.png -Provider Test -Model z-image/turbo/inp').CompletionMatches.CompletionText |
            Should -Be 'fal-ai/z-image/turbo/inpaint', 'fal-ai/z-image/turbo/inpaint/lora'
        (TabExpansion2 'Invoke-Inpaint a.png b.png -Provider Test -Model fal-ai/bria/eraser -Option ').CompletionMatches.ListItemText |
            Should -Contain "mask_type = 'automatic'"
    }
}

Describe "fal's prices" {
    BeforeAll {
        # What -WhatIf writes goes to the host alone.
        function Get-WhatIf([scriptblock] $Script) {
            Start-Transcript -Path "$TestDrive/whatif.txt" -UseMinimalHeader | Out-Null
            & $Script
            Stop-Transcript | Out-Null
            Get-Content "$TestDrive/whatif.txt" -Raw
        }

        $computed = @{
            id = 'someone/by-the-second'; unitPrice = 0.5; unit = 'compute seconds'
            fields = @(@{ name = 'prompt'; isRequired = $true }, @{ name = 'image_url'; type = 'File'; isRequired = $true }, @{ name = 'mask_url'; type = 'File'; isRequired = $true })
        }
    }

    BeforeEach {
        Reset-Emulator
        $null = Send-Emulator models $computed
    }

    It 'are said before paying, with their day' {
        $said = Get-WhatIf { Invoke-Inpaint $dog $mask -Provider Test -Model fal-ai/bria/eraser -WhatIf }
        $said | Should -Match ([regex]::Escape("about `$0.002 by Test's price of $([datetime]::UtcNow.ToString('yyyy-MM-dd'))"))
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'that cannot be counted beforehand are said to be so, and refused below a ceiling until something is assumed' {
        $said = Get-WhatIf {
            Invoke-Inpaint $dog $mask x -Provider Test -Model someone/by-the-second -WhatIf
            Invoke-Inpaint $dog $mask x -Provider Test -Model someone/by-the-second -WhatIf -AssumedCost 0.2
        }
        $said | Should -Match ([regex]::Escape('at $0.5 per compute second, how many is not known beforehand" on'))
        $said | Should -Match ([regex]::Escape('not known beforehand; $0.200 is assumed" on'))

        { Invoke-Inpaint $dog $mask x -Provider Test -Model someone/by-the-second -MaximumCost 1 -ErrorAction Stop } |
            Should -Throw -ErrorId 'CostLimitExceeded*' -ExpectedMessage '*compute second*'
        { Invoke-Inpaint $dog $mask x -Provider Test -Model someone/by-the-second -MaximumCost 1 -AssumedCost 1.5 -ErrorAction Stop } |
            Should -Throw -ErrorId 'CostLimitExceeded*'
        (Send-Emulator state).paidJobs | Should -Be 0
        $result = Invoke-Inpaint $dog $mask x -Provider Test -Model someone/by-the-second -MaximumCost 1 -AssumedCost 0.2
        $result.Cost.Amount, $result.Cost.IsEstimate | Should -Be 0.5, $false
    }

    It 'count against the ceiling by what was billed' {
        # Each is assumed to cost 0.2 and is billed 0.5, so that the third would be above 1.1.
        $results = $dog, $dog, $dog | Invoke-Inpaint -Mask $mask -Prompt x -Provider Test -Model someone/by-the-second -MaximumCost 1.1 -AssumedCost 0.2 -ThrottleLimit 1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $failure.FullyQualifiedErrorId | Should -BeLike 'CostLimitExceeded*'
    }
}
