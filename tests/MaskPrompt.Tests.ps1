BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $null = Start-Emulator
    $script:shade = 0
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'Invoke-Inpaint -MaskPrompt' {
    BeforeEach {
        Reset-Emulator
        $pictures = Join-Path $TestDrive ([guid]::NewGuid())
        # A picture of its own for each test, for which no job was made before.
        $dog = New-TestPair -Folder $pictures -Size 256 -Shade ($script:shade += 5)
        Push-Location $pictures
        Remove-Item dog_mask.png
        Get-InpaintStatus -All | Remove-InpaintJob -Confirm:$false
        # What the line asks before it pays.
        function Get-Question([scriptblock] $Line) {
            $log = Join-Path $pictures 'asked.txt'
            $null = Start-Transcript $log
            & $Line
            $null = Stop-Transcript
            @(Get-Content $log | Where-Object { $_ -like 'What if:*' })
        }
    }

    AfterEach { Pop-Location }

    It 'has the thing found and repaints it, and keeps the mask with the result' {
        $result = Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -KeepUnmasked
        $result | Should -BeOfType Inpaint.InpaintResult
        $result.Job.Operation, $result.Job.Source, $result.Prompt | Should -Be 'Inpaint', $dog.FullName, 'a lion'
        $report = Test-InpaintMask dog.png $result.MaskPath -Detailed
        $report.MaskWidth, $report.MaskHeight | Should -Be 256, 256
        $report.Coverage | Should -BeGreaterThan 0.06
        $report.Coverage | Should -BeLessThan 0.07
        $bodies = @(Send-Emulator 'requests?operation=Submit').body | ConvertFrom-Json
        $bodies[0].prompt, $bodies[1].prompt | Should -Be 'the dog', 'a lion'
        (Send-Emulator state).paidJobs | Should -Be 2
        $result.MaskCost.Amount | Should -Be 0.005
        $result.Cost | Should -Be ($result.Job.Cost + $result.MaskCost)
        ($result | Measure-Object Cost -Sum).Sum | Should -Be ((Get-InpaintStatus -All | Measure-Object Cost -Sum).Sum) -Because 'that is what was paid'
        (Get-InpaintStatus).Operation | Should -Be 'Inpaint' -Because 'the mask is kept, the picture is not saved yet'
        $file = $result | Save-InpaintImage -Path out/
        $file.Name, (Split-Path $file.Inpaint.MaskPath -Leaf) | Should -Be dog-inpaint.png, dog-inpaint_mask.png
        (Compare-InpaintImage dog.png $file -Mask $file.Inpaint.MaskPath).ChangedPixels | Should -Be 0
        (Invoke-Inpaint $file 'a tiger' -Provider Test -ErrorAction SilentlyContinue) | Should -BeNullOrEmpty -Because 'a tiger is no mask'
        (Invoke-Inpaint $file -Prompt 'a tiger' -Provider Test).Prompt | Should -Be 'a tiger' -Because 'the mask lies beside the picture'
        (Send-Emulator state).paidJobs | Should -Be 3
    }

    It 'saves picture and mask with -OutPath, grown, and takes no name that is taken' {
        $null = New-Item -ItemType Directory out
        'mine' > out/dog-inpaint_mask.png
        $file = Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -Grow 8 -Count 2 -OutPath out/
        $file.Name | Should -Be dog-inpaint-0.jpg, dog-inpaint-1.jpg
        'out/dog-inpaint-0_mask.png' | Should -Exist
        (Test-InpaintMask dog.png out/dog-inpaint-0_mask.png -Detailed).Coverage | Should -BeGreaterThan 0.09
        Get-ChildItem out/*_mask* | Should -HaveCount 2
        Get-InpaintStatus | Should -BeNullOrEmpty
        $again = Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -OutputFormat png -OutPath out/
        $again.Name, (Split-Path $again.Inpaint.MaskPath -Leaf) | Should -Be dog-inpaint.png, dog-inpaint_mask-2.png
        Get-Content out/dog-inpaint_mask.png | Should -Be mine
    }

    It 'asks once, with both costs' {
        $asked = Get-Question { Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -WhatIf }
        $asked | Should -HaveCount 1
        $asked | Should -Match "find 'the dog' and make its mask, about \`$0\.005.*; then submit a paid job: 1 image of 0\.07 megapixels, about \`$0\.00\d.*; together about \`$0\.00\d"
        $asked | Should -Match 'dog.png -> Test fal-ai/sam-3/image, then Test fal-ai/flux-lora/inpainting'
        Get-Question { Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -CropToMask -WhatIf -WarningVariable warnings } | Should -Match 'together at most about'
        $warnings | Should -BeNullOrEmpty
        Get-Question { Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Provider Local -MaskProvider Test -WhatIf } | Should -Match "make its mask, about \`$0\.005.*; then run a job: 1 image"
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'holds both costs below the ceiling' {
        { Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -MaximumCost 0.0055 -ErrorAction Stop } | Should -Throw -ErrorId 'CostLimitExceeded,Inpaint.InvokeInpaintCommand'
        (Send-Emulator state).paidJobs | Should -Be 0
        Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -MaximumCost 0.02 | Should -BeOfType Inpaint.InpaintResult
    }

    It 'has one provider find what another one repaints' {
        $result = Invoke-Inpaint dog.png -MaskPrompt 'the dog' -MaskProvider Test -MaskModel fal-ai/evf-sam -Provider Local -Seed 1
        $result.Job.Provider | Should -Be Local
        @(Send-Emulator 'requests?operation=Submit').path | Should -Match 'evf-sam'
        ($result | Save-InpaintImage a.png | Get-FileHash).Hash | Should -Be (Invoke-Inpaint dog.png $result.MaskPath -Provider Local -Seed 1 | Save-InpaintImage b.png | Get-FileHash).Hash
        { Invoke-Inpaint dog.png -MaskPrompt 'the dog' -MaskProvider Local -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.*' -ExpectedMessage '*cannot find objects in pictures. These can: Fal*'
    }

    It 'keeps the mask when the second job fails, and pays for it once' {
        $null = Send-Emulator scripts @{ preset = 'immediate' }
        $null = Send-Emulator scripts @{ result = @{ status = 422; body = '{"detail":[{"loc":["body","prompt"],"msg":"not that","type":"content_policy_violation"}]}' } }
        Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        "$($failure[0])" | Should -Match "The mask that was found is kept: specify '(?<Path>[^']+)' as -Mask"
        $null = "$($failure[0])" -match "specify '(?<Path>[^']+)'"
        (Test-InpaintMask dog.png $Matches.Path -Detailed).Coverage | Should -BeGreaterThan 0.06
        (Send-Emulator state).paidJobs | Should -Be 2
        $file = Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -Resume -OutPath out/
        $file.Name | Should -Be dog-inpaint.jpg
        'out/dog-inpaint_mask.png' | Should -Exist
        (Send-Emulator state).paidJobs | Should -Be 3 -Because 'the mask was there'
        (Invoke-Inpaint dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -Resume).MaskPath | Should -Exist
        (Send-Emulator state).paidJobs | Should -Be 3 -Because 'both were there'
    }

    It 'refuses <Arguments> with <ErrorId>, and pays for nothing' -ForEach @(
        @{ Arguments = @{ MaskPrompt = 'the dog'; Mask = 'dog.png' }; ErrorId = 'InvalidParameter.MaskPrompt' }
        @{ Arguments = @{ MaskPrompt = 'the dog'; Rectangle = '1,1,2,2' }; ErrorId = 'InvalidParameter.MaskPrompt' }
        @{ Arguments = @{ MaskProvider = 'Test'; Rectangle = '1,1,2,2' }; ErrorId = 'InvalidParameter.MaskPrompt' }
        @{ Arguments = @{ MaskPrompt = 'the dog'; Strength = 3 }; ErrorId = 'InvalidParameter.Strength' }
    ) {
        { Invoke-Inpaint dog.png -Prompt 'a lion' -Provider Test @Arguments -ErrorAction Stop } | Should -Throw -ErrorId "$ErrorId,Inpaint.InvokeInpaintCommand"
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'makes no second job when nothing is found' {
        { Invoke-Inpaint dog.png -MaskPrompt nothing -Prompt 'a lion' -Provider Test -ErrorAction Stop } | Should -Throw -ErrorId 'MaskEmpty,Inpaint.InvokeInpaintCommand'
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'takes rows' {
        $null = New-TestPicture -Path $pictures/cat.png -Width 256 -Height 256 -Shade ($script:shade += 5)
        $files = 'Image,MaskPrompt,Prompt', 'dog.png,the dog,a lion', 'cat.png,the cat,a tiger' | ConvertFrom-Csv | Invoke-Inpaint -Provider Test -OutPath out/ -ThrottleLimit 2
        $files.Inpaint.Prompt | Sort-Object | Should -Be 'a lion', 'a tiger'
        Get-ChildItem out/*_mask.png | Should -HaveCount 2
    }

    It 'is planned with both costs, and requested as it was planned' {
        $plan = Get-InpaintPlan dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -Grow 3
        $plan.Error | Should -BeNullOrEmpty
        $plan.MaskPrompt, $plan.MaskCoverage, $plan.Prompt | Should -Be 'the dog', $null, 'a lion'
        $second = Get-InpaintPlan dog.png -Rectangle Center,25%,25% -Prompt 'a lion' -Provider Test
        $plan.Cost.Amount | Should -Be ($second.Cost.Amount + 0.005)
        (Send-Emulator state).paidJobs | Should -Be 0
        $file = $plan | Invoke-Inpaint -OutPath out/
        $file.Inpaint.Prompt, (Split-Path $file.Inpaint.MaskPath -Leaf) | Should -Be 'a lion', 'dog-inpaint_mask.png'
        (Send-Emulator state).paidJobs | Should -Be 2
        { $plan | Invoke-Inpaint -MaskPrompt 'the cat' -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.MaskPrompt,*'
        (Get-InpaintPlan dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test -MaximumCost 0.001).ErrorId | Should -Be CostLimitExceeded
    }

    It 'is started: the second job comes out as soon as it is accepted' {
        $job = Start-InpaintJob dog.png -MaskPrompt 'the dog' -Prompt 'a lion' -Provider Test
        $job | Should -BeOfType Inpaint.InpaintJob
        $job.Operation, $job.Prompt | Should -Be Inpaint, 'a lion'
        ($job | Save-InpaintImage -Path out/).Name | Should -Be dog-inpaint.jpg
        (Send-Emulator state).paidJobs | Should -Be 2
    }
}
