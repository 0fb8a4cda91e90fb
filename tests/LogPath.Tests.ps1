# What a batch leaves for whoever reads it afterwards: its log, and what it says when it is stopped.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $null = New-TestPair -Folder $pictures -Name cat -Shade 5
    $emulator = Start-Emulator
    Push-Location $pictures
    $rows = @'
Image,Mask,Prompt,Count,Note
dog.png,dog_mask.png,an empty bench,,first
missing.png,dog_mask.png,a bench,,broken
cat.png,cat_mask.png,a bench,2,last
'@ | ConvertFrom-Csv
    function Get-Log([string] $Path) { Get-Content $Path | ConvertFrom-Json }
}

AfterAll {
    Pop-Location
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'The log of a batch' {
    BeforeEach {
        Reset-Emulator
        Get-InpaintStatus -All | Remove-InpaintJob
        $log = "$TestDrive/batch.jsonl"
        Remove-Item $log -ErrorAction Ignore
    }

    It 'has a line for each event, by which a row is followed to its files' {
        $files = $rows | Invoke-Inpaint -Provider Test -OutPath "$TestDrive/out" -LogPath $log -ErrorAction SilentlyContinue
        $lines = Get-Log $log
        $lines.event | Group-Object -NoElement | Sort-Object Name | ForEach-Object { "$($_.Count) $($_.Name)" } | Should -Be '1 ended', '1 failed', '2 finished', '2 planned', '3 saved', '2 submitted'
        $lines.command | Sort-Object -Unique | Should -Be 'Invoke-Inpaint'
        $last = $lines.Where({ $_.item -eq 'cat.png' })
        $last.event | Should -Be 'planned', 'submitted', 'finished', 'saved', 'saved'
        $last[0].row.Note | Should -Be 'last'
        $last[0].isEstimate | Should -BeTrue
        $last[2].isEstimate | Should -BeFalse
        $last[2].cost | Should -BeGreaterThan 0
        $last[1..4].journalId | Sort-Object -Unique | Should -HaveCount 1
        $last[3..4].file | Should -Be $files.Where({ $_.Name -like 'cat*' }).FullName
        $last[0].time | Should -BeOfType datetime
        $failed = $lines.Where({ $_.event -eq 'failed' })
        $failed.errorId | Should -Be 'ImageNotFound'
        $failed.row.Note | Should -Be 'broken'
        $failed.isTransient | Should -BeFalse
    }

    It 'ends with what became of all items, those included that were refused, and so does the batch' {
        $more = $rows + ([pscustomobject] @{ Image = 'dog.png'; Mask = 'dog_mask.png'; Prompt = 'x'; Count = 'many'; Note = '' }, [pscustomobject] @{ Image = ''; Mask = ''; Prompt = 'x'; Count = ''; Note = '' })
        $null = $more | Invoke-Inpaint -Provider Test -LogPath $log -ErrorAction SilentlyContinue -InformationVariable said
        $last = (Get-Log $log)[-1]
        $last.event, $last.items, $last.done, $last.failed, $last.refused | Should -Be 'ended', 5, 2, 0, 3
        $last.cost | Should -Be ((Get-Log $log).Where({ $_.event -eq 'finished' }).cost | Measure-Object -Sum).Sum
        "$($said.Where({ $_.Tags -contains 'InpaintBatch' }))" | Should -Match '^2 of 5 done  3 refused  \$0\.\d+$'
        $items = $said.Where({ $_.Tags -contains 'InpaintItem' })
        $items | Should -HaveCount 5
        "$($items -match 'refused$' -replace '^\d+(/5)?  ' | Sort-Object)" | Should -Be 'missing.png  refused Row 4 (dog.png)  refused Row 5  refused'
        $null = $more | Invoke-Inpaint -Provider Test -WhatIf -ErrorAction SilentlyContinue -InformationVariable said
        $said.Where({ $_.Tags -contains 'InpaintBatch' }) | Should -BeNullOrEmpty
    }

    It 'is appended to by the commands that follow' {
        $job = $rows[0] | Start-InpaintJob -Provider Test -LogPath $log
        $null = $job | Receive-InpaintJob -Wait -LogPath $log
        $null = $rows[0] | Invoke-Inpaint -Provider Test -Resume -LogPath $log
        $lines = Get-Log $log
        $lines.ForEach({ "$($_.command) $($_.event)" }) | Should -Be 'Start-InpaintJob planned', 'Start-InpaintJob submitted', 'Start-InpaintJob ended', 'Receive-InpaintJob finished', 'Invoke-Inpaint attached', 'Invoke-Inpaint finished', 'Invoke-Inpaint ended'
        $lines.job | Where-Object { $_ } | Sort-Object -Unique | Should -Be $job.Id
    }

    It 'tells of a job that fails at its provider' {
        $null = Send-Emulator scripts @{ result = @{ status = 422; body = '{"detail":[{"loc":["body","prompt"],"msg":"not that","type":"content_policy_violation"}]}' } }
        $null = $rows[0] | Invoke-Inpaint -Provider Test -LogPath $log -ErrorAction SilentlyContinue -ErrorVariable bad
        $failed = (Get-Log $log)[-2]
        $failed.event | Should -Be 'failed'
        "$($failed.errorId),Inpaint.InvokeInpaintCommand" | Should -Be $bad[0].FullyQualifiedErrorId
        $failed.job | Should -Be $bad[0].Exception.Job.Id
    }

    It 'holds no key' {
        $null = $rows[0] | Invoke-Inpaint -Provider Test -ApiKey 'a-very-secret-key-0123456789' -LogPath $log -ErrorAction SilentlyContinue
        (Get-Log $log)[-2].errorId | Should -Be 'AuthenticationFailed'
        Get-Content $log -Raw | Should -Not -Match 'a-very-secret-key'
    }

    It 'is written by several processes at once, each line whole, while somebody follows it' {
        [System.IO.File]::WriteAllText($log, '')
        $reader = [System.IO.FileStream]::new($log, 'Open', 'Read', 'ReadWrite')
        $line = "Import-Module '$(Get-ModulePath)'; Set-Location '$pictures'; `$ProgressPreference = 'Ignore'; 1..15 | ForEach-Object { 'dog.png' } | Invoke-Inpaint -Provider Local -ThrottleLimit 4 -LogPath '$log' | Out-Null"
        $shells = 1..3 | ForEach-Object { Start-InRunspace $line }
        $other = Start-Process (Get-ShellProgram).Path -ArgumentList (@((Get-ShellProgram).Arguments) + '-NoProfile', '-EncodedCommand', [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($line)) | Where-Object { $_ }) -PassThru
        $shells.ForEach({ $_.Shell.EndInvoke($_.Handle); $_.Shell.Dispose() })
        $other.WaitForExit(60000) | Should -BeTrue
        $reader.Dispose()
        (Get-Log $log).event | Group-Object -NoElement | Sort-Object Name | ForEach-Object { "$($_.Count) $($_.Name)" } | Should -Be '4 ended', '60 finished', '60 planned', '60 submitted'
    }

    It 'that cannot be written ends the command before anything is sent' {
        { $rows[0] | Invoke-Inpaint -Provider Test -LogPath "$TestDrive/no/such/folder/x.jsonl" } | Should -Throw -ErrorId 'OutputWriteFailed,Inpaint.InvokeInpaintCommand'
        $state = Send-Emulator state
        $state.paidJobs | Should -Be 0
    }
}

Describe 'A batch that is stopped' {
    It 'says what was cancelled and what goes on' -Skip:$IsWindows {
        Reset-Emulator
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $file = Join-Path $TestDrive 'stopped.ps1'
        Set-Content $file @"
Import-Module '$(Get-ModulePath)'
Set-InpaintProvider Test -Kind Fal -BaseUri '$((Get-InpaintProvider Test).BaseUri)' -SyncUri '$((Get-InpaintProvider Test).SyncUri)' -StorageUri '$((Get-InpaintProvider Test).StorageUri)' -ApiKey '$((Get-ProviderUnderTest).Where({ $_.Kind -eq 'Fal' })[0].Key)'
'dog.png', 'cat.png' | Invoke-Inpaint -Provider Test -Prompt x -LogPath '$TestDrive/stopped.jsonl'
"@
        $program = Get-ShellProgram
        $command = @($program.Path) + $program.Arguments + '-NoLogo', '-NoProfile', '-NonInteractive', '-File', $file
        # What was started in the background of another shell ignores the signal, and so would all that it starts.
        if ($IsLinux) { $command = @('env', '--default-signal=INT') + $command }
        $start = [System.Diagnostics.ProcessStartInfo]::new($command[0], [string[]] $command[1..$command.Count])
        $start.WorkingDirectory = $pictures
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $shell = [System.Diagnostics.Process]::Start($start)
        try {
            $output = $shell.StandardOutput.ReadToEndAsync()
            $null = Wait-Emulator { $_.openStreams -eq 2 } -Seconds 60
            sh -c "kill -INT $($shell.Id)"
            $shell.WaitForExit(30000) | Should -BeTrue
            $text = $output.Result -replace '\e\[[\d;]*m'
            $text | Should -Match 'WARNING: Invoke-Inpaint was stopped\. '
            $text | Should -Match '(Cancelled|Cancellation requested, may still complete and be charged): (dog|cat)\.png \(Test \S+\), (dog|cat)\.png \(Test \S+\)\.'
            $text | Should -Match 'Get-InpaintStatus lists these jobs'
        }
        finally {
            if (-not $shell.HasExited) { $shell.Kill() }
        }

        $stopped = (Get-Log "$TestDrive/stopped.jsonl").Where({ $_.event -eq 'stopped' })
        $stopped | Should -HaveCount 2
        $stopped.stopOutcome | Sort-Object -Unique | Should -BeIn 'Cancelled', 'CancellationRequested'
    }
}
