BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures -Size 256
    $cat = New-TestPair -Folder $pictures -Name cat -Size 256 -Shade 5
    $mask = Join-Path $pictures 'dog_mask.png'
    $emulator = Start-Emulator
    $common = @{ Provider = 'Test'; Prompt = 'an empty bench' }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'A batch that is run again with -Resume' {
    BeforeEach {
        Reset-Emulator
        Get-InpaintStatus -All -WarningAction SilentlyContinue | Remove-InpaintJob
    }

    It 'attaches to what was made before, finished or not, and pays for the rest only' {
        Send-Emulator scripts @{ preset = 'heldInProgress' }
        $held = Start-InpaintJob $dog $mask @common
        $finished = Invoke-Inpaint $dog $mask @common -Seed 7
        Send-Emulator "jobs/$($held.Id)/complete" -Method Post
        $again = @($null, 7, 8 | ForEach-Object { [pscustomobject]@{ Image = "$dog"; Mask = $mask; Seed = $_ } } | Invoke-Inpaint @common -Resume -InformationVariable said)
        $again.Job.Id | Should -Contain $held.Id
        $again.Job.Id | Should -Contain $finished.Job.Id
        @("$said" -split '(?=\d+/?\d*  dog)' -match '  dog\.png  Test  attached  ') | Should -HaveCount 2
        (Send-Emulator state).paidJobs | Should -Be 3
    }

    It 'makes two jobs of one request that is asked for twice' {
        $null = Invoke-Inpaint $dog $mask @common -Seed 7
        ($dog, $dog | Invoke-Inpaint -Mask $mask @common -Seed 7 -Resume).Job.Id | Select-Object -Unique | Should -HaveCount 2
        (Send-Emulator state).paidJobs | Should -Be 2
    }

    It 'knows a picture by its content, not by its path' {
        $first = Invoke-Inpaint $dog $mask @common
        $copy = Copy-Item $dog (Join-Path $TestDrive 'copy.png') -PassThru
        (Invoke-Inpaint $copy $mask @common -Resume).Job.Id | Should -Be $first.Job.Id
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'gives the job itself from Start-InpaintJob' {
        $first = Start-InpaintJob $dog $mask @common
        $second = Start-InpaintJob $dog $mask @common -Resume
        $second | Should -BeOfType Inpaint.InpaintJob
        $second.Id | Should -Be $first.Id
    }

    It 'sends nothing with -WhatIf' {
        $null = Invoke-Inpaint $dog $mask @common
        Invoke-Inpaint $dog $mask @common -Resume -WhatIf | Should -BeNullOrEmpty
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'makes a cancelled job anew' {
        Send-Emulator scripts @{ preset = 'heldInQueue' }
        $cancelled = Start-InpaintJob $dog $mask @common
        $null = $cancelled | Stop-InpaintJob
        $anew = Invoke-Inpaint $dog $mask @common -Resume
        $anew.Images | Should -HaveCount 1
        $anew.Job.Id | Should -Not -Be $cancelled.Id
    }
}

Describe 'A batch' {
    BeforeEach {
        Reset-Emulator
    }

    It 'shows how far it is, what it costs and how long it will take, and tells of each item that has ended' {
        $rows = 1..6 | ForEach-Object { [pscustomobject] @{ Image = $dog; Mask = $mask; Prompt = $_ -eq 1 ? 'fail 422' : 'bench' } }
        # One after the other: of two that end together, only the state after both may be shown.
        $run = Start-InRunspace '$rows | Invoke-Inpaint -Provider Test -ThrottleLimit 1 -MaximumCost 20' @{ rows = $rows }
        $run.Shell.EndInvoke($run.Handle)

        $bars = $run.Shell.Streams.Progress | Where-Object ParentActivityId -EQ -1
        $bars.StatusDescription -match '^5/6  \d running  1 failed  \$0\.\d+ of \$20  \d+ s left$' | Should -Not -BeNullOrEmpty
        $bars[-1].StatusDescription | Should -Match '^6/6  0 running  1 failed  \$0\.\d+ of \$20$'
        $bars[-1].RecordType | Should -Be 'Completed'
        $lines = $run.Shell.Streams.Information | Where-Object Tags -Contains 'InpaintItem'
        $lines | Should -HaveCount 6
        "$($lines[-1])" | Should -Match '^6/6  dog\.png  Test  \$0\.\d+  \d+\.\d s$'
        @($lines -match '  dog\.png  failed  ') | Should -HaveCount 1
        "$($run.Shell.Streams.Information | Where-Object Tags -Contains 'InpaintBatch')" | Should -Match '^5 of 6 done  1 failed  \$0\.\d+$'
    }

    It 'shows bars where progress is shown: <Line>' -ForEach @(
        @{ Line = '$ProgressPreference = "SilentlyContinue"; $dog, $dog | Invoke-Inpaint -Mask $mask @common'; IsShown = $false }
        @{ Line = '$ProgressPreference = "SilentlyContinue"; $dog, $dog | Invoke-Inpaint -Mask $mask @common -ProgressAction Continue'; IsShown = $true }
        @{ Line = '$dog, $dog | Invoke-Inpaint -Mask $mask @common -ProgressAction Ignore'; IsShown = $false }
        @{ Line = '$ProgressPreference = $null; $dog, $dog | Invoke-Inpaint -Mask $mask @common'; IsShown = $true }
    ) {
        $run = Start-InRunspace $Line @{ dog = $dog; mask = $mask; common = $common }
        $run.Shell.EndInvoke($run.Handle)
        $run.Output | Should -HaveCount 2
        $run.Shell.Streams.Information | Where-Object Tags -Contains 'InpaintItem' | Should -HaveCount 2
        @($run.Shell.Streams.Progress | Where-Object Activity -EQ 'Invoke-Inpaint').Count -gt 0 | Should -Be $IsShown
        @($run.Shell.Streams.Progress | Where-Object Activity -EQ 'dog.png  Test').Count -gt 0 | Should -Be $IsShown
    }

    It 'has no more jobs under way than -ThrottleLimit' {
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $run = Start-InRunspace '1..5 | ForEach-Object { $dog } | Invoke-Inpaint -Mask $mask @common -ThrottleLimit 2' @{ dog = $dog; mask = $mask; common = $common }
        try {
            foreach ($done in 0..4) {
                # With so many released, two more are under way, and never a third.
                $null = Wait-Emulator { $_.paidJobs -eq [math]::Min(5, $done + 2) -and $_.openStreams -ge [math]::Min(2, 5 - $done) }
                $job = @(Send-Emulator jobs) | Where-Object phase -NE 'Completed' | Select-Object -First 1
                Send-Emulator "jobs/$($job.id)/complete" -Method Post
            }

            $run.Shell.EndInvoke($run.Handle)
            $run.Output | Should -HaveCount 5
            $run.Shell.Streams.Error | Should -BeNullOrEmpty
        }
        finally { $run.Shell.Stop(); $run.Shell.Dispose() }
    }

    It 'gives results as they finish, the later first if need be' {
        Send-Emulator scripts @{ preset = 'heldInProgress' }
        $run = Start-InRunspace '$first = $true; & { $dog; while (-not $go.IsSet) { [Threading.Thread]::Sleep(5) }; $cat } | Invoke-Inpaint -Mask $mask @common' @{ dog = $dog; cat = $cat; mask = $mask; common = $common; go = ($go = [System.Threading.ManualResetEventSlim]::new()) }
        try {
            $null = Wait-Emulator { $_.paidJobs -eq 1 }
            $go.Set()
            while ($run.Output.Count -lt 1 -and -not $run.Handle.IsCompleted) { [System.Threading.Thread]::Sleep(10) }
            $run.Output[0].Job.Source | Should -BeLike '*cat.png'
            Send-Emulator "jobs/$(@(Send-Emulator jobs)[0].id)/complete" -Method Post
            $run.Shell.EndInvoke($run.Handle)
            $run.Output[1].Job.Source | Should -BeLike '*dog.png'
        }
        finally { $run.Shell.Stop(); $run.Shell.Dispose() }
    }

    It 'shows bars for the first of many jobs only, so that the summary stays in sight: <Command>' -ForEach @(
        @{ Command = 'Invoke-Inpaint'; Line = '1..10 | ForEach-Object { $dog } | Invoke-Inpaint -Mask $mask @common -ThrottleLimit 10'; Outcome = '\$0\.\d+'; Cost = '  \$0\.\d+' }
        @{ Command = 'Receive-InpaintJob'; Line = '$jobs | Receive-InpaintJob -Wait'; Outcome = 'received'; Cost = '' }
        @{ Command = 'Wait-InpaintJob'; Line = '$jobs | Wait-InpaintJob'; Outcome = 'Completed'; Cost = '' }
    ) {
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $jobs = $Command -eq 'Invoke-Inpaint' ? $null : (1..10 | ForEach-Object { $dog } | Start-InpaintJob -Mask $mask @common)
        $run = Start-InRunspace $Line @{ dog = $dog; mask = $mask; common = $common; jobs = $jobs }
        try {
            $null = Wait-Emulator { $run.Shell.Streams.Progress.StatusDescription -match '^0/10  10 running' -and $_.openStreams -eq 10 }
            Send-Emulator jobs | ForEach-Object { Send-Emulator "jobs/$($_.id)/complete" -Method Post }
            $run.Shell.EndInvoke($run.Handle)
            $run.Output | Should -HaveCount 10
            @($run.Shell.Streams.Progress | Where-Object ParentActivityId -NE -1 | Group-Object ActivityId) | Should -HaveCount 8
            $lines = $run.Shell.Streams.Information | Where-Object Tags -Contains 'InpaintItem'
            $lines | Should -HaveCount 10
            "$($lines[-1])" | Should -Match "^10/10  dog\.png  Test  $Outcome  \d+\.\d s$"
            "$($run.Shell.Streams.Information | Where-Object Tags -Contains 'InpaintBatch')" | Should -Match "^10 of 10 done$Cost`$"
        }
        finally { $run.Shell.Stop(); $run.Shell.Dispose() }
    }

    It 'shows a bar per job and takes every one away' {
        $steps = @{ phase = 'InQueue'; position = 1; held = $true }, @{ phase = 'InProgress'; logs = @('denoising 14/28'); held = $true }
        Send-Emulator scripts @{ default = $true; steps = $steps }
        $run = Start-InRunspace '$dog, $cat | Invoke-Inpaint -Mask $mask @common' @{ dog = $dog; cat = $cat; mask = $mask; common = $common }
        try {
            # Of several changes that come at once a bar shows the last; so each stays until it is shown.
            foreach ($text in 'queue position', 'running \d+ s  "denoising') {
                $null = Wait-Emulator { @($run.Shell.Streams.Progress | Where-Object StatusDescription -Match $text | Group-Object Activity).Count -eq 2 }
                Send-Emulator jobs | ForEach-Object { Send-Emulator "jobs/$($_.id)/release" -Method Post }
            }

            $run.Shell.EndInvoke($run.Handle)
            $bars = @($run.Shell.Streams.Progress)
        }
        finally { $run.Shell.Stop(); $run.Shell.Dispose() }

        ($bars.Activity -match '^(dog|cat)\.png  Test$' | Sort-Object -Unique) | Should -HaveCount 2
        foreach ($bar in $bars | Group-Object ActivityId) {
            $bar.Group[-1].RecordType | Should -Be 'Completed'
        }
    }
}
