BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $null = Start-Emulator

}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'New-InpaintMask -Prompt' {
    BeforeEach {
        Reset-Emulator
        $pictures = Join-Path $TestDrive ([guid]::NewGuid())
        $dog = New-TestPair -Folder $pictures -Size 256
        Push-Location $pictures
        Remove-Item dog_mask.png
    }

    AfterEach {
        Pop-Location
    }

    It 'has <Model> find it, and writes its mask in the size of the picture' -ForEach @(
        @{ Model = 'fal-ai/sam-3/image'; Fields = 'apply_mask', 'image_url', 'max_masks', 'output_format', 'prompt', 'return_multiple_masks' }
        @{ Model = 'fal-ai/evf-sam'; Fields = 'image_url', 'mask_only', 'prompt', 'revert_mask' }
    ) {
        $mask = New-InpaintMask dog.png -Prompt 'the dog' -Provider Test -Model $Model
        $mask | Should -BeOfType System.IO.FileInfo
        $mask.Name, $mask.Image | Should -Be 'dog_mask.png', $dog.FullName
        $report = Test-InpaintMask dog.png $mask -Detailed
        $report.MaskWidth, $report.MaskHeight | Should -Be 256, 256
        $report.Coverage | Should -BeGreaterThan 0.06
        $report.Coverage | Should -BeLessThan 0.07
        $body = @(Send-Emulator 'requests?operation=Submit')[0].body | ConvertFrom-Json
        $body.psobject.Properties.Name | Sort-Object | Should -Be $Fields
        (Send-Emulator state).paidJobs | Should -Be 1
        Get-InpaintStatus | Should -BeNullOrEmpty
    }

    It 'goes by points and boxes, and grows what it finds' {
        $null = New-InpaintMask dog.png -Point 128, 128 -Provider Test -Path point.png
        $null = New-InpaintMask dog.png -Box '64,64,128,64' -Provider Test -Path box.png -Grow 4
        $bodies = @(Send-Emulator 'requests?operation=Submit').body | ConvertFrom-Json
        $bodies[0].point_prompts[0].x, $bodies[0].point_prompts[0].label | Should -Be 128, 1
        $bodies[1].box_prompts[0].x_max | Should -Be 192
        (Test-InpaintMask dog.png point.png -Detailed).Coverage | Should -BeLessThan 0.006
        # 128x64 of 256x256, and 4 pixels all around.
        (Test-InpaintMask dog.png box.png -Detailed).Coverage | Should -BeGreaterThan 0.14
        { New-InpaintMask dog.png -Point 'here' -Provider Test -Path never.png -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Point,*'
    }

    It 'marks several things in one file, or each in its own' {
        (New-InpaintMask dog.png -Prompt 'the two dogs' -Provider Test).Name | Should -Be 'dog_mask.png'
        (New-InpaintMask dog.png -Prompt 'the two dogs' -Provider Test -Separate).Name | Should -Be 'dog_mask-1.png', 'dog_mask-2.png'
        (Test-InpaintMask dog.png dog_mask.png -Detailed).Coverage |
            Should -BeGreaterThan (Test-InpaintMask dog.png dog_mask-1.png -Detailed).Coverage
    }

    It 'pays for nothing that cannot be kept' {
        New-InpaintMask dog.png -Prompt 'the dog' -Provider Test -WhatIf
        'taken' > dog_mask.png
        { New-InpaintMask dog.png -Prompt 'the dog' -Provider Test -ErrorAction Stop } | Should -Throw -ErrorId 'OutputExists*'
        { New-InpaintMask dog.png -Prompt 'the dog' -Provider Test -Force -MaximumCost 0.001 -ErrorAction Stop } | Should -Throw -ErrorId 'CostLimitExceeded*'
        { New-InpaintMask dog.png -Point 1, 1 -Provider Test -Force -Model fal-ai/evf-sam -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Point,*' -ExpectedMessage '*has no Point.*'
        { New-InpaintMask dog.png -Prompt 'the dog' -Provider ModelsLab -Force -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Provider,*' -ExpectedMessage '*cannot find objects in pictures. These can: Fal*'
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'says when nothing was found' {
        { New-InpaintMask dog.png -Prompt 'nothing' -Provider Test -ErrorAction Stop } | Should -Throw -ErrorId 'MaskEmpty*'
        'dog_mask.png' | Should -Not -Exist
    }

    It 'attaches to the job that was paid for' {
        # A picture of its own, for which nothing was found before.
        $null = New-TestPicture -Path $dog.FullName -Width 256 -Height 256 -Shade 9
        $null = Send-Emulator faults @{ operation = 'download'; always = $true; faults = @(@{ kind = 'respond'; status = 403; body = 'no' }) }
        New-InpaintMask dog.png -Prompt 'the dog' -Provider Test -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure.Exception.Job.Id | Should -Not -BeNullOrEmpty
        $null = Send-Emulator faults -Method Delete
        (Get-InpaintStatus).Operation | Should -Be 'Segment'
        (New-InpaintMask dog.png -Prompt 'the dog' -Provider Test -Resume).Name | Should -Be 'dog_mask.png'
        (Send-Emulator state).paidJobs | Should -Be 1
        Get-InpaintStatus | Should -BeNullOrEmpty
    }

    It 'is a job that Stop-InpaintJob cancels' {
        $null = Send-Emulator scripts @{ preset = 'heldInProgress' }
        $run = Start-InRunspace 'New-InpaintMask $dog -Prompt "the dog that is stopped" -Provider Test -Path never.png' @{ dog = $dog }
        try {
            $null = Wait-Emulator { $_.openStreams -eq 1 }
            $stopped = Get-InpaintStatus | Stop-InpaintJob
            "$($stopped.Operation) $($stopped.StopOutcome)" | Should -Be 'Segment CancellationRequested'
            $null = $run.Shell.EndInvoke($run.Handle)
            $run.Shell.Streams.Error.FullyQualifiedErrorId | Should -Be 'JobCancelled,Inpaint.NewInpaintMaskCommand'
        }
        finally {
            $run.Shell.Dispose()
        }

        'never.png' | Should -Not -Exist
        (Send-Emulator state).cancels | Should -Be 1
    }

    It 'pipes into Invoke-Inpaint' {
        $result = New-InpaintMask dog.png -Prompt 'the dog' -Provider Test | Invoke-Inpaint -Prompt 'a lion' -Provider Test -KeepUnmasked | Save-InpaintImage -Path out/
        (Compare-InpaintImage dog.png $result -Mask dog_mask.png).ChangedPixels | Should -Be 0
    }
}
