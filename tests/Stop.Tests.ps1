# Whatever ends a pipeline early ends the work behind it within a second, cancels at the provider, and leaves nothing running. The jobs here never
# finish by themselves, so a line that did not stop would not end at all.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $mask = Join-Path $pictures 'dog_mask.png'
    $null = Start-Emulator
    $variables = @{ dog = $dog; mask = $mask; none = "$pictures/none.png"; common = @{ Provider = 'Test'; Prompt = 'an empty bench' } }

    # The promise is one second on a machine that is not busy with other things; without the stop these lines would never end.
    $limit = [timespan]::FromSeconds(5)

    function Assert-Quiet([int] $Cancels) {
        $state = Wait-Emulator { $_.requestsInFlight -eq 0 -and $_.openStreams -eq 0 }
        $state.cancels | Should -Be $Cancels
        $requests = $state.requests
        [System.Threading.Thread]::Sleep(300)
        (Send-Emulator state).requests | Should -Be $requests
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'Ctrl+C' {
    BeforeEach {
        Reset-Emulator
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
    }

    It 'during <Line>' -ForEach @(
        @{ Line = 'Invoke-Inpaint $dog $mask @common'; Jobs = 1; Cancels = 1 }
        @{ Line = '1..6 | ForEach-Object { $dog } | Invoke-Inpaint -Mask $mask @common -ThrottleLimit 3'; Jobs = 3; Cancels = 3 }
        @{ Line = 'Invoke-Inpaint $dog $mask @common | Save-InpaintImage'; Jobs = 1; Cancels = 1 }
        @{ Line = 'New-InpaintImage "a lawn" -Provider Test'; Jobs = 1; Cancels = 1 }
        @{ Line = 'New-InpaintImage "a lawn" -Provider Test -PreviewPath (Split-Path $dog)'; Jobs = 1; Cancels = 0 }
        @{ Line = 'Start-InpaintJob $dog $mask @common | Wait-InpaintJob'; Jobs = 1; Cancels = 0 }
        @{ Line = 'Start-InpaintJob $dog $mask @common | Receive-InpaintJob -Wait'; Jobs = 1; Cancels = 0 }
        @{ Line = 'Start-InpaintJob $dog $mask @common | Save-InpaintImage'; Jobs = 1; Cancels = 0 }
    ) {
        $run = Start-InRunspace $Line $variables
        $null = Wait-Emulator { $_.paidJobs -eq $Jobs -and $_.openStreams -ge 1 }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $run.Shell.Stop()
        $clock.Elapsed | Should -BeLessThan $limit
        $run.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
        Assert-Quiet -Cancels $Cancels
        (Send-Emulator state).paidJobs | Should -Be $Jobs
    }
}

Describe 'A pipeline that ends early' {
    BeforeEach {
        Reset-Emulator
        Get-InpaintStatus -All -WarningAction SilentlyContinue | Remove-InpaintJob
        # The first job is done at once, all others stay.
        Send-Emulator scripts @{ preset = 'immediate' }
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
    }

    It '<Case>' -ForEach @(
        @{ Case = 'because the reader has enough'; Line = '$dog, $dog, $dog | Invoke-Inpaint -Mask $mask @common | ForEach-Object { while (-not $go.IsSet) { [Threading.Thread]::Sleep(5) }; $_ } | Select-Object -First 1'; Jobs = 3; Output = 1; Errors = 0 }
        @{ Case = 'because a command downstream throws'; Line = '$dog, $dog, $dog | Invoke-Inpaint -Mask $mask @common | ForEach-Object { while (-not $go.IsSet) { [Threading.Thread]::Sleep(5) }; throw "enough" }'; Jobs = 3; Output = 0; Errors = 1 }
        @{ Case = 'because a command upstream throws'; Line = '& { $dog; $dog; while (-not $go.IsSet) { [Threading.Thread]::Sleep(5) }; throw "enough" } | Invoke-Inpaint -Mask $mask @common'; Jobs = 2; Output = $null; Errors = 1 }
        @{ Case = 'because of -ErrorAction Stop'; Line = '& { $dog; $dog; while (-not $go.IsSet) { [Threading.Thread]::Sleep(5) }; $none } | Invoke-Inpaint -Mask $mask @common -ErrorAction Stop'; Jobs = 2; Output = $null; Errors = 1 }
    ) {
        $go = [System.Threading.ManualResetEventSlim]::new()
        $run = Start-InRunspace $Line ($variables + @{ go = $go })
        $null = Wait-Emulator { $_.paidJobs -eq $Jobs -and $_.openStreams -ge $Jobs - 1 }
        # Only a job whose result is here is past cancelling: from then on its cost is the provider's figure.
        $null = Wait-Emulator { @(Get-InpaintStatus -All | Where-Object { $_.Cost -and -not $_.Cost.IsEstimate }).Count -eq 1 }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $go.Set()
        $failure = $null
        try { $run.Shell.EndInvoke($run.Handle) } catch { $failure = $_ }
        $clock.Elapsed | Should -BeLessThan $limit
        @($failure).Where({ $_ }).Count | Should -Be $Errors
        if ($null -ne $Output) { $run.Output | Should -HaveCount $Output }
        Assert-Quiet -Cancels ($Jobs - 1)
    }
}
