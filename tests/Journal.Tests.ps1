BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    $state = Join-Path $TestDrive 'state'
    Import-TestModule $state
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $mask = Join-Path $pictures 'dog_mask.png'
    $emulator = Start-Emulator
    $common = @{ Provider = 'Test'; Prompt = 'an empty bench' }

    # A process of its own that knows the module, the provider and the pictures, with the script as its only work.
    function Start-Shell([string] $Script) {
        $file = Join-Path $TestDrive "$([guid]::NewGuid()).ps1"
        Set-Content -LiteralPath $file -Value @"
Import-Module '$(Get-ModulePath)'
Set-InpaintProvider Test -Kind Fal -BaseUri '$($emulator.Uri)/queue' -SyncUri '$($emulator.Uri)/run' -StorageUri '$($emulator.Uri)/rest' -PlatformUri '$($emulator.Uri)/platform/v1' -ApiKey 'test-id:test-secret'
$Script
"@
        $program = Get-ShellProgram
        $start = [System.Diagnostics.ProcessStartInfo]::new($program.Path)
        $program.Arguments + '-NoLogo', '-NoProfile', '-NonInteractive', '-File', $file | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.Environment['INPAINT_HOME'] = $state
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $process = [System.Diagnostics.Process]::Start($start)
        [pscustomobject] @{ Process = $process; Output = $process.StandardOutput.ReadToEndAsync(); Errors = $process.StandardError.ReadToEndAsync() }
    }

    function Wait-Shell($Shell) {
        if (-not $Shell.Process.WaitForExit(120000)) { $Shell.Process.Kill(); throw 'The shell hangs.' }
        $Shell.Errors.Result | Should -BeNullOrEmpty
        $Shell.Output.Result
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'A batch whose shell is killed' {
    It 'is collected by a second shell, and run again by a third one that pays for the rest only' {
        $rows = 1..5 | ForEach-Object { New-TestPair -Folder (Join-Path $TestDrive 'batch') -Name "row$_" -Shade $_ }
        $out = Join-Path $TestDrive 'out'
        $line = "Get-ChildItem '$TestDrive/batch/row?.png' | Invoke-Inpaint -Mask { `$_ -replace '\.png$', '_mask.png' } -Provider Test -Prompt bench -OutputFormat png -ThrottleLimit 2"
        1..2 | ForEach-Object { Send-Emulator scripts @{ preset = 'immediate' } }
        1..2 | ForEach-Object { Send-Emulator scripts @{ preset = 'heldInProgress' } }

        $first = Start-Shell "$line | Save-InpaintImage -Path '$out/'"
        # Who listens to a job has its id on disk.
        $null = Wait-Emulator { $_.paidJobs -eq 4 -and $_.openStreams -eq 2 } -Seconds 120
        $first.Process.Kill()
        $first.Process.WaitForExit()
        $null = Wait-Emulator { $_.openStreams -eq 0 }
        Send-Emulator jobs | ForEach-Object { Send-Emulator "jobs/$($_.id)/complete" -Method Post }

        $second = Start-Shell "Get-InpaintStatus | Receive-InpaintJob -Wait | Save-InpaintImage -Path '$out/' | ForEach-Object Name"
        $collected = (Wait-Shell $second).Trim() -split '\r?\n'
        $collected | Should -Contain 'row3-inpaint.png'
        $collected | Should -Contain 'row4-inpaint.png'
        Get-InpaintStatus | Should -BeNullOrEmpty
        (Send-Emulator state).paidJobs | Should -Be 4

        $third = Start-Shell "$line -Resume | Save-InpaintImage -Path '$TestDrive/again/' | ForEach-Object Name"
        (Wait-Shell $third).Trim() -split '\r?\n' | Sort-Object | Should -Be (1..5 | ForEach-Object { "row$_-inpaint.png" })
        (Send-Emulator state).paidJobs | Should -Be $rows.Count
        (Get-InpaintStatus -All).Count | Should -Be $rows.Count

        foreach ($file in Get-ChildItem $out -File) {
            (Compare-InpaintImage $file $file).ChangedPixels | Should -Be 0
        }
    }
}

Describe 'Jobs that one shell has submitted' {
    It 'are collected by two others on the same state folder, each once' {
        Reset-Emulator
        Remove-InpaintJob -All -Confirm:$false
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $rows = 1..6 | ForEach-Object { New-TestPair -Folder (Join-Path $TestDrive 'machines') -Name "row$_" -Shade $_ }
        $submit = "Get-ChildItem '$TestDrive/machines/row?.png' | Start-InpaintJob -Mask { `$_ -replace '\.png$', '_mask.png' } -Provider Test -Prompt bench | ForEach-Object Id"
        $ids = (Wait-Shell (Start-Shell $submit)).Trim() -split '\r?\n'
        $ids | Should -HaveCount $rows.Count

        $collectors = 1..2 | ForEach-Object { Start-Shell "Get-InpaintStatus | Receive-InpaintJob -Wait -Exclusive | Save-InpaintImage -Path '$TestDrive/collected$_/' -Name '{Id}' | ForEach-Object BaseName" }
        $null = Wait-Emulator { $_.openStreams -eq 2 * $rows.Count } -Seconds 120
        Send-Emulator jobs | ForEach-Object { Send-Emulator "jobs/$($_.id)/complete" -Method Post }

        $collected = $collectors | ForEach-Object { (Wait-Shell $_) -split '\r?\n' } | Where-Object { $_ }
        $collected | Sort-Object | Should -Be ($ids | Sort-Object)
        Get-ChildItem "$TestDrive/collected?/*" | Should -HaveCount $rows.Count
        Get-InpaintStatus | Should -BeNullOrEmpty
        (Send-Emulator state).paidJobs | Should -Be $rows.Count
    }
}

Describe 'The journal' {
    BeforeEach {
        Reset-Emulator
        Remove-InpaintJob -All -Confirm:$false
    }

    It 'is read only as far as the rows that are wanted, also by a table' {
        Invoke-Inpaint $dog $mask -Provider Local | Save-InpaintImage "$TestDrive/read-ahead/" | Out-Null
        $late = Join-Path $state 'jobs/done/99990101T000000000-000000000000.json'
        Set-Content $late 'damaged'
        try {
            # A file that is read is warned about.
            Get-InpaintStatus -All -WarningVariable said -WarningAction SilentlyContinue | Select-Object -First 1 | Should -HaveCount 1
            $said | Should -BeNullOrEmpty
            Get-InpaintStatus -All -WarningVariable said -WarningAction SilentlyContinue | Format-Table | Out-String -Stream | Where-Object { $_ } | Select-Object -First 3 | Should -HaveCount 3
            $said | Should -BeNullOrEmpty
            $null = Get-InpaintStatus -All -WarningVariable said -WarningAction SilentlyContinue
            "$said" | Should -Match '99990101'
        }
        finally { Remove-Item $late }
    }

    It 'speaks of a damaged file each time until it is dealt with, and lists the rest' {
        $job = Start-InpaintJob $dog $mask @common
        $bad = "$state/jobs/open/20260101T000000000-bad.json"
        Set-Content -LiteralPath $bad -Value '{"version":1,"job":{"id":"acf05732","provider":"Test","st'
        foreach ($time in 1..2) {
            $listed = Get-InpaintStatus -WarningVariable warned -WarningAction SilentlyContinue
            $listed.Id | Should -Be $job.Id
            $warned | Should -HaveCount 1
            "$warned" | Should -Match '20260101T000000000-bad\.json.*damaged.*its id acf05732 from provider Test.*delete the file'
        }

        Remove-Item -LiteralPath $bad
        (Get-InpaintStatus -WarningVariable warned -WarningAction SilentlyContinue).Id | Should -Be $job.Id
        $warned | Should -BeNullOrEmpty
    }

    It 'is left as it is by completion' {
        $null = Start-InpaintJob $dog $mask @common
        Set-Content -LiteralPath "$state/jobs/open/20260101T000000000-bad.json" -Value '{"version":1'
        function Get-State { Get-ChildItem $state -Recurse -File | Sort-Object FullName | ForEach-Object { "$($_.FullName) $($_.LastWriteTimeUtc.Ticks) $((Get-FileHash -LiteralPath $_.FullName).Hash)" } }
        $before = Get-State
        foreach ($line in 'Get-InpaintStatus -Id ', 'Receive-InpaintJob -Job ', 'Invoke-Inpaint -Provider ', 'Remove-InpaintJob -Id 2') {
            $null = TabExpansion2 $line $line.Length
        }

        Get-State | Should -Be $before
        Remove-Item -LiteralPath "$state/jobs/open/20260101T000000000-bad.json"
    }

    It 'tells people what happened to a job, and never a key' {
        $null = Invoke-Inpaint $dog $mask @common | Save-InpaintImage -Path "$TestDrive/told.jpg"
        $lines = Get-ChildItem "$state/jobs/done/*.json" | Get-Content
        ($lines[-1] | ConvertFrom-Json).history -replace '^\S+ ' | Should -Be 'Submitting', 'InQueue', 'InProgress', 'Completed', 'result: 1 picture(s)', 'picture 0 saved'
        $lines | Should -Not -Match 'test-secret|base64'
    }

    It 'can be read by its owner only' -Skip:$IsWindows {
        $null = Start-InpaintJob $dog $mask @common
        $kept = @(Get-Item $state) + @(Get-ChildItem $state -Recurse)
        $kept.Count | Should -BeGreaterThan 3
        $kept.UnixMode | Should -Match '^.rw.------$'
    }
}

Describe 'Cleaning up with Remove-InpaintJob' {
    BeforeEach {
        Reset-Emulator
        Remove-InpaintJob -All -Confirm:$false
        $saved = Invoke-Inpaint $dog $mask @common -Seed 1
        $null = $saved | Save-InpaintImage -Path "$TestDrive/saved.jpg"
        $unsaved = Invoke-Inpaint $dog $mask @common -Seed 2
        $failed = $null
        try { $null = Invoke-Inpaint $dog $mask -Provider Test -Prompt 'fail 422' -ErrorAction Stop } catch { $failed = $_.Exception.Job }
    }

    It 'forgets with -Completed what is done with, and keeps what is still to be collected' {
        $failed.State | Should -Be 'Failed'
        Remove-InpaintJob -Completed | Should -BeNullOrEmpty
        (Get-InpaintStatus -All).Id | Should -Be $unsaved.Job.Id
        Remove-InpaintJob -All -Completed
        (Get-InpaintStatus -All).Id | Should -Be $unsaved.Job.Id
    }

    It 'forgets nothing with -WhatIf' {
        Remove-InpaintJob -All -WhatIf
        Get-InpaintStatus -All | Should -HaveCount 3
    }

    It 'forgets only what is old enough, or of one provider' {
        Remove-InpaintJob -Completed -OlderThan 1h
        Remove-InpaintJob -Completed -OlderThan 30d
        Remove-InpaintJob -Completed -OlderThan ([timespan]::FromDays(1))
        Remove-InpaintJob -All -Provider Local
        Get-InpaintStatus -All | Should -HaveCount 3
        Remove-InpaintJob -Completed -OlderThan 0s -Provider Test
        (Get-InpaintStatus -All).Id | Should -Be $unsaved.Job.Id
    }

    It 'does not guess what a number means: <Age>' -ForEach @(@{ Age = 30 }, @{ Age = '30' }, @{ Age = '-1d' }, @{ Age = 'x' }, @{ Age = '1e9d' }) {
        { Remove-InpaintJob -Completed -OlderThan $Age } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,Inpaint.RemoveInpaintJobCommand'
        Get-InpaintStatus -All | Should -HaveCount 3
    }

    It 'asks before it forgets with -All what was paid for and is not saved' {
        # A runspace without a user: the question itself is the failure.
        $run = Start-InRunspace 'Remove-InpaintJob -All'
        $run.Shell.EndInvoke($run.Handle)
        "$($run.Shell.Streams.Error)" | Should -Match "$($unsaved.Job.Id).*paid for"
        (Get-InpaintStatus).Id | Should -Be $unsaved.Job.Id
        Remove-InpaintJob -All -Confirm:$false
        Get-InpaintStatus -All | Should -BeNullOrEmpty
    }

    It 'does not ask about what costs nothing' {
        Remove-InpaintJob -All -Confirm:$false
        $null = Invoke-Inpaint $dog $mask -Provider Local
        $run = Start-InRunspace 'Remove-InpaintJob -All'
        $run.Shell.EndInvoke($run.Handle)
        Get-InpaintStatus -All | Should -BeNullOrEmpty
    }
}
