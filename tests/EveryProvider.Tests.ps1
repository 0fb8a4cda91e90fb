# The same lines at every provider there is.
BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    $services = Get-ProviderUnderTest
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures -Size 256
    $mask = Join-Path $pictures 'dog_mask.png'
    $emulator = Start-Emulator
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test* | Remove-InpaintProvider
}

Describe '<Kind>' -ForEach $services {
    BeforeAll {
        $uris = Get-EmulatorUri $_
        Set-InpaintProvider "Test$Kind" -Kind $Kind @uris -ApiKey $Key
        $line = @{ Provider = "Test$Kind"; Prompt = 'an empty bench'; WarningAction = 'SilentlyContinue' }
    }

    BeforeEach {
        Reset-Emulator
        # What the service expects is waited for before the first look; here nobody needs to wait.
        Send-Emulator settings @{ modelsLab = @{ etaSeconds = 0 } } -Method Put
    }

    It 'does the main line' {
        $file = Get-ChildItem "$pictures/dog.png" | Invoke-Inpaint -Mask { $_ -replace '\.png$', '_mask.png' } @line | Save-InpaintImage -Path "$TestDrive/$Kind/"
        $file.BaseName | Should -Be 'dog-inpaint'
        $file.Length | Should -BeGreaterThan 0
        $state = Send-Emulator state
        $state.paidJobs | Should -Be 1
        $state.keyLeaks | Should -Be 0
    }

    It 'makes a picture from a prompt' {
        (New-InpaintImage 'a lawn' -Provider "Test$Kind" -Size 256x256 -WarningAction SilentlyContinue | Save-InpaintImage -Path "$TestDrive/$Kind/").Length | Should -BeGreaterThan 0
    }

    It 'chains by address: the picture goes neither down nor up' {
        Send-Emulator scripts @{ default = $true; preset = 'immediate' }
        $first = New-InpaintImage 'a lawn' -Provider "Test$Kind" -Size 256x256 -WarningAction SilentlyContinue
        ($first | Invoke-Inpaint -Mask $mask @line).Images | Should -HaveCount 1
        (Send-Emulator 'requests?operation=Submit')[-1].body | Should -BeLike "*$($first.Images[0].Url)*"
        (Send-Emulator state).uploads | Should -BeLessOrEqual 1 -Because 'only the mask has to be handed over'
    }

    It 'names the picture of a chain by what the first was made from' {
        Send-Emulator scripts @{ default = $true; preset = 'immediate' }
        $chained = New-InpaintImage 'a lawn' -Provider "Test$Kind" -Size 256x256 -WarningAction SilentlyContinue | Invoke-Inpaint -Mask $mask @line
        ($chained | Save-InpaintImage -Path "$TestDrive/$Kind-chain/").BaseName | Should -Be 'a-lawn-inpaint'
        ($chained | Invoke-Inpaint -Mask $mask @line | Save-InpaintImage -Path "$TestDrive/$Kind-chain/").BaseName | Should -Be 'a-lawn-inpaint-2'
        ($dog | Invoke-Inpaint -Mask $mask @line | Invoke-Inpaint -Mask $mask @line | Save-InpaintImage -Path "$TestDrive/$Kind-chain/").BaseName | Should -Be 'dog-inpaint'
    }

    It 'starts a job, follows it and collects it' {
        $job = Start-InpaintJob $dog $mask @line
        $job.Provider | Should -Be "Test$Kind"
        ($job | ConvertTo-Json | ConvertFrom-Json | Wait-InpaintJob).State | Should -Be 'Completed'
        ($job | Receive-InpaintJob).Images | Should -HaveCount 1
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'says what stopping did' {
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $job = Start-InpaintJob $dog $mask @line
        $capability = (Get-InpaintProvider "Test$Kind").CapabilitiesFor('Inpaint').CanCancel
        $outcome = ($job | Stop-InpaintJob -WarningAction SilentlyContinue -WarningVariable said).StopOutcome
        $outcome | Should -BeIn $(if ($capability) { 'Cancelled', 'CancellationRequested' } else { 'NotSupported' })
        "$said" | Should -Match $(if ($outcome -eq 'NotSupported') { "cannot cancel the job $($job.Id)" } else { '^$' })
    }

    It 'says that a wrong key is wrong' {
        { Invoke-Inpaint $dog $mask @line -ApiKey 'wrong' -ErrorAction Stop } | Should -Throw -ErrorId 'AuthenticationFailed,Inpaint.InvokeInpaintCommand'
        Test-InpaintProvider "Test$Kind" -ApiKey 'wrong' -WarningAction SilentlyContinue | Should -BeFalse
        Test-InpaintProvider "Test$Kind" | Should -BeTrue
    }

    It 'shows its parameters' {
        Get-InpaintProvider "Test$Kind" | Format-List | Out-String -Width 160 | Should -Match 'Steps \('
    }

    It 'refuses what it does not have before anything is sent, naming who has it' {
        $foreign = if ($Kind -eq 'ModelsLab') { @{ Acceleration = 'regular' } } else { @{ Scheduler = 'DDIMScheduler' } }
        $failure = { Invoke-Inpaint $dog $mask @line @foreign -ErrorAction Stop } | Should -Throw -ErrorId "InvalidParameter.$($foreign.Keys),Inpaint.InvokeInpaintCommand" -PassThru
        $failure.Exception.Message | Should -Match $(if ($Kind -eq 'ModelsLab') { 'Fal' } else { 'ModelsLab' })
        (Send-Emulator state).requests | Should -Be 0
    }
}
