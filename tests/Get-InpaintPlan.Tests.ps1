BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $null = New-TestPair -Folder $pictures -Name cat -Shade 5
    $null = New-TestPicture -Path "$pictures/small_mask.png" -Width 32 -Height 32 -Kind Mask
    $null = Start-Emulator
    Push-Location $pictures
    $rows = @'
Image,Mask,Prompt,Strength,Count,Note
dog.png,dog_mask.png,an empty bench,,,first
missing.png,dog_mask.png,a bench,,,no picture
dog.png,small_mask.png,a bench,,,wrong size
cat.png,cat_mask.png,a bench,much,,no number
cat.png,cat_mask.png,a bench,3,,out of range
,dog_mask.png,a bench,,,nothing
cat.png,cat_mask.png,a bench,0.5,2,last
'@ | ConvertFrom-Csv
    $good = $rows[0, 6]
}

AfterAll {
    Pop-Location
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'A plan' {
    BeforeEach {
        Reset-Emulator
    }

    It 'has one object for each row, in their order, and sends nothing' {
        $plan = $rows | Get-InpaintPlan -Provider Test -ErrorVariable errors -WarningVariable warnings -InformationVariable total
        $errors | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
        $plan.Row.Note | Should -Be $rows.Note
        $plan.ErrorId | Where-Object { $null -ne $_ } | Should -Be 'ImageNotFound', 'MaskSizeMismatch', 'InvalidParameter', 'InvalidParameter', 'InvalidParameter'
        $plan[3].Error | Should -Match "^Row 4 \(cat\.png\), column Strength: 'much'"
        $plan.RecommendedAction | Where-Object { $_ } | Should -HaveCount 5
        "$total" | Should -Match '^2 jobs, 3 images, about \$0\.000\d+ in all; 5 cannot be sent; see their Error\.$'
        $state = Send-Emulator state
        $state.paidJobs | Should -Be 0
        Get-InpaintStatus -All | Should -BeNullOrEmpty
    }

    It 'says what would be sent and what it would cost' {
        $plan = $good | Get-InpaintPlan -Provider Test -CropToMask
        $plan[0].Name | Should -Be 'dog.png'
        $plan[0].Source | Should -Be $dog.FullName
        $plan[0].MaskCoverage | Should -Be 0.0625
        $plan[0].Size | Should -Be '64x64'
        $plan[0].Provider | Should -Be 'Test'
        $plan[0].Model | Should -Be 'fal-ai/flux-lora/inpainting'
        $plan.Count | Should -Be 2
        $plan[1].Count | Should -Be 2
        ($plan | Measure-Object Cost -Sum).Sum | Should -Be ($plan[0].Cost.Amount * 3)
    }

    It 'says when nothing can be sent, and is silent about the total of one' {
        $null = $rows[1, 2] | Get-InpaintPlan -Provider Test -InformationVariable total
        "$total" | Should -Be 'All 2 cannot be sent; see their Error.'
        $null = $rows[0] | Get-InpaintPlan -Provider Test -InformationVariable none
        $none | Should -BeNullOrEmpty
    }

    It 'tells in an object what would exceed -MaximumCost' {
        $plan = $good | Get-InpaintPlan -Provider Test -MaximumCost 0.0002
        $plan[0].ErrorId | Should -BeNullOrEmpty
        $plan[1].ErrorId | Should -Be 'CostLimitExceeded'
        $plan[1].Row.Note | Should -Be 'last'
    }

    It 'tells with -Resume what was made before' {
        $null = $good[0] | Start-InpaintJob -Provider Test | Wait-InpaintJob
        $plan = $good[0] | Get-InpaintPlan -Provider Test -Resume
        $plan.Cost | Should -BeNullOrEmpty
        "$($plan.Warnings)" | Should -Match 'with -Resume, it is not paid for again'
        Get-InpaintStatus -All | Remove-InpaintJob
    }

    It 'is shown on 80 columns with its finding' {
        $lines = ($rows | Get-InpaintPlan -Provider Test | Format-Table | Out-String -Width 80) -split '\r?\n' | Where-Object { $_ }
        -split $lines[0] | Should -Be 'Picture', 'Mask', 'Size', 'Provider', 'Cost', 'Finding'
        $lines[2] | Should -Match '^dog\.png +6\.3 % 64x64 +Test +\$0\.000\d+'
        $lines[3] | Should -Match '^missing\.png +ImageNotFound: '
    }

    It 'has words for enumerations in JSON, and readable cells in a CSV file' {
        $plan = $rows[0, 1] | Get-InpaintPlan -Provider Test
        ($plan[1] | ConvertTo-Json | ConvertFrom-Json).ErrorId | Should -Be 'ImageNotFound'
        foreach ($cell in ($plan[0] | ConvertTo-Csv | ConvertFrom-Csv).PSObject.Properties) { $cell.Value | Should -Not -Match 'Inpaint\.\w+|System\.' -Because $cell.Name }
        "$($plan[0])" | Should -Match '^dog\.png Test \$0\.000'
        "$($plan[1])" | Should -Match '^missing\.png There is no file'
    }
}

Describe 'What was planned' {
    BeforeEach {
        Reset-Emulator
    }

    It 'is requested, and its errors are those of the rows' {
        $plan = $rows | Get-InpaintPlan -Provider Test -Seed 7
        $results = $plan | Invoke-Inpaint -ErrorVariable bad -ErrorAction SilentlyContinue
        $results.Row.Note | Sort-Object | Should -Be 'first', 'last'
        $results.Seed | Should -Be 7, 7
        $bad.FullyQualifiedErrorId | Should -Be @(
            'ImageNotFound,Inpaint.InvokeInpaintCommand'
            'MaskSizeMismatch,Inpaint.InvokeInpaintCommand'
            'InvalidParameter.Strength,Inpaint.InvokeInpaintCommand'
            'InvalidParameter.Strength,Inpaint.InvokeInpaintCommand'
            'InvalidParameter.Image,Inpaint.InvokeInpaintCommand')
        $bad.TargetObject.Note | Should -Be $rows[1..5].Note
        $state = Send-Emulator state
        $state.paidJobs | Should -Be 2
    }

    It 'is started as jobs' {
        $jobs = $good | Get-InpaintPlan -Provider Test | Start-InpaintJob
        $jobs.Provider | Should -Be 'Test', 'Test'
        $jobs.Row.Note | Sort-Object | Should -Be 'first', 'last'
        $null = $jobs | Wait-InpaintJob
    }

    It 'goes to the provider that was planned, whichever is chosen since' {
        Set-InpaintProvider Test -Default
        $plan = $good[0] | Get-InpaintPlan
        Set-InpaintProvider Local -Default
        ($plan | Invoke-Inpaint).Job.Provider | Should -Be 'Test'
    }

    It 'is refused when the picture has changed' {
        $plan = $good | Get-InpaintPlan -Provider Test
        $null = New-TestPicture -Path "$pictures/dog.png" -Shade 9
        $results = $plan | Invoke-Inpaint -ErrorVariable bad -ErrorAction SilentlyContinue
        $results.Row.Note | Should -Be 'last'
        $bad.FullyQualifiedErrorId | Should -Be 'InvalidParameter.Image,Inpaint.InvokeInpaintCommand'
        $bad.TargetObject.Note | Should -Be 'first'
        $null = New-TestPicture -Path "$pictures/dog.png" -Shade 1
    }

    It 'is not changed by -<Name> on the line' -ForEach @(
        @{ Name = 'Prompt'; Value = 'a lion' }
        @{ Name = 'Model'; Value = 'fal-ai/other' }
        @{ Name = 'Mask'; Value = 'cat_mask.png' }
        @{ Name = 'Synchronous'; Value = $true }
    ) {
        $parameters = @{ $Name = $Value }
        $null = $good[0] | Get-InpaintPlan -Provider Test | Invoke-Inpaint @parameters -ErrorVariable bad -ErrorAction SilentlyContinue
        $bad.FullyQualifiedErrorId | Should -Be "InvalidParameter.$Name,Inpaint.InvokeInpaintCommand"
        $state = Send-Emulator state
        $state.paidJobs | Should -Be 0
    }

    It 'takes what is about the batch from the line' {
        $files = $good | Get-InpaintPlan -Provider Test | Invoke-Inpaint -OutPath "$TestDrive/out" -ThrottleLimit 1 -TimeoutSec 60 -MaximumCost 1
        $files.Name | Should -Be 'dog-inpaint.jpg', 'cat-inpaint-0.jpg', 'cat-inpaint-1.jpg'
        $log = Join-Path $TestDrive plan.jsonl
        $null = $good | Get-InpaintPlan -Provider Test | Invoke-Inpaint -LogPath $log
        (Get-Content $log | ConvertFrom-Json).Event | Should -Contain 'finished'
    }
}

Describe '-WhatIf' {
    It 'ends with the total of all jobs, once there are several' {
        $file = "$TestDrive/whatif.ps1"
        Set-Content $file @"
Import-Module '$(Get-ModulePath)'
Set-InpaintProvider Test -Kind Fal -BaseUri '$((Get-InpaintProvider Test).BaseUri)' -ApiKey nothing
'dog.png', 'cat.png' | Invoke-Inpaint -Provider Test -Prompt x -Count 2 -WhatIf
'--'
'dog.png' | Invoke-Inpaint -Provider Test -Prompt x -WhatIf
'--'
'dog.png', 'cat.png' | Invoke-Inpaint -Provider Test -Prompt x -MaximumCost 0.0001 -WhatIf
'--'
'dog.png', 'cat.png' | Invoke-Inpaint -Provider Local -WhatIf
"@
        $lines = Invoke-ShellProgram -NoProfile -File $file
        $parts = ($lines -join "`n") -split '--\n'
        $parts[0].Trim() -split "`n" | Select-Object -Last 1 | Should -Match '^What if: 2 jobs, 4 images, about \$0\.0\d+ in all\.$'
        $parts[1].Trim() -split "`n" | Should -HaveCount 1
        $parts[2].Trim() -split "`n" | Select-Object -Last 1 | Should -Match '^What if: 2 jobs, 2 images, about \$0\.000\d+ in all, above the -MaximumCost of \$0\.0001\.$'
        $parts[3].Trim() -split "`n" | Select-Object -Last 1 | Should -Be 'What if: 2 jobs, 2 images, at no cost.'
    }
}
