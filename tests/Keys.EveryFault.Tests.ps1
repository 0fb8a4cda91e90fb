# The fault matrix as a user's shell sees it: every fault of docs/fault-matrix.md at every operation of every provider, told by a service that writes the caller's key into
# all that it says. Every fault takes minutes and is played with INPAINT_LONG=1; otherwise a few, at every operation all the same.
BeforeDiscovery {
    # What strikes before there is a job strikes every caller alike, and so is played one fault at a time; columns side by side.
    $repaint = '$picture | Invoke-Inpaint -Mask $mask'
    $handingIn = @(
        @{ Name = 'submit'; Struck = 'Submit'; Kinds = 'Fal', 'FalGateway', 'ModelsLab'; Picture = 'dog'; Line = $repaint }
        @{ Name = 'direct run'; Struck = 'Run'; Kinds = @('Fal'); Picture = 'dog'; Line = "$repaint -Synchronous" }
        @{ Name = 'stream of previews'; Struck = 'RunStream'; Kinds = @('Fal'); Picture = 'dog'; Line = 'New-InpaintImage -PreviewPath $folder' }
        @{ Name = 'upload''s announcement'; Struck = 'UploadInitiate'; Kinds = @('Fal'); Picture = 'big'; Line = $repaint }
        @{ Name = 'upload'; Struck = 'UploadPut'; Kinds = 'Fal', 'ModelsLab'; Picture = 'big'; Line = $repaint }
    )

    # What belongs to a job is told apart by the job, so that a column's faults are all played at once.
    $status = '$job | Get-InpaintStatus -IncludeLog @loud'
    $result = '$job | Receive-InpaintJob @loud; $job | Get-InpaintStatus @loud'
    $cancel = '$job | Stop-InpaintJob @loud'
    $wait = '$job | Wait-InpaintJob -TimeoutSec 20 @loud'
    $download = '$image | Save-InpaintImage -Path $folder -Metadata Sidecar -TimeoutSec 20 @loud'
    $running = @{ preset = 'heldInProgress' }
    $queued = @{ preset = 'heldInQueue' }
    $done = @{ preset = 'immediate' }
    $moving = @{ preset = 'reads'; queued = 1; running = 1 }
    $following = @(
        @{
            Name = 'status and status stream'
            Columns = @(
                @{ Kind = 'Fal'; Struck = 'Status'; Script = $running; Line = $status }
                @{ Kind = 'FalGateway'; Struck = 'Result'; Script = $running; Line = $status }
                @{ Kind = 'ModelsLab'; Struck = 'Status'; Script = $running; Line = $status }
                @{ Kind = 'Fal'; Struck = 'StatusStream'; Script = $moving; Line = $wait }
            )
        }
        @{
            Name = 'result and cancel'
            Columns = @(
                @{ Kind = 'Fal'; Struck = 'Result'; Script = $done; Line = $result }
                @{ Kind = 'FalGateway'; Struck = 'Result'; Script = $done; Line = $result }
                @{ Kind = 'ModelsLab'; Struck = 'Status'; Script = $done; Line = $result }
                @{ Kind = 'Fal'; Struck = 'Cancel'; Script = $queued; Line = $cancel }
                @{ Kind = 'FalGateway'; Struck = 'Cancel'; Script = $queued; Line = $cancel }
            )
        }
        @{
            Name = 'download'
            Columns = @(
                @{ Kind = 'Fal'; Struck = 'Download'; Script = $done; Line = $download }
                @{ Kind = 'FalGateway'; Struck = 'Download'; Script = $done; Line = $download }
                @{ Kind = 'ModelsLab'; Struck = 'Download'; Script = $done; Line = $download }
            )
        }
    )
}

Describe 'The key under every fault' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
        Import-Module (Join-Path $PSScriptRoot 'Canary.psm1')
        $state = Join-Path $TestDrive 'state'
        Import-TestModule $state
        $pictures = Join-Path $TestDrive 'pictures'
        $null = New-TestPair -Folder $pictures -Size 256
        $mask = Join-Path $pictures 'dog_mask.png'
        # More than goes into a request; readers stop at the end of the picture.
        $padding = [byte[]]::new(1100000)
        [System.IO.File]::WriteAllBytes("$pictures/big.png", [byte[]] ([System.IO.File]::ReadAllBytes("$pictures/dog.png") + $padding))
        $emulator = Start-Emulator
        $canary = Get-Canary
        $key = ConvertTo-SecureString $canary -AsPlainText
        $loud = @{ Verbose = $true; Debug = $true; WarningAction = 'Continue'; ErrorAction = 'Continue' }
        $providers = @(
            foreach ($provider in Get-ProviderUnderTest) {
                @{ Name = "Test$($provider.Kind)"; Kind = $provider.Kind } + (Get-EmulatorUri $provider)

                # Nobody listens at the first port.
                @{ Name = "TestClosed$($provider.Kind)"; Kind = $provider.Kind; BaseUri = 'http://127.0.0.1:1' }
            }
        )

        $failure = '{"detail":[{"loc":["body","CANARY"],"msg":"CANARY","type":"CANARY","input":{"key":"CANARY"}}],"status":"error","message":"CANARY","error":{"message":"CANARY","type":"CANARY","code":"CANARY"},"request_id":"CANARY"}'
        $page = '<html><head><title>CANARY</title></head><body>The key CANARY is not known.</body></html>'
        $faults = [ordered] @{
            'reset before read' = @{ kind = 'resetBeforeRead' }
            'reset after accept' = @{ kind = 'resetAfterAccept' }
            'closed after accept' = @{ kind = 'closeAfterAccept' }
            '429' = New-Echo 429 'No CANARY' 'text/plain'
            '429, Retry-After in seconds (7 s)' = New-Echo 429 $failure -Headers @{ 'Retry-After' = '7' }
            '429, Retry-After as a date' = New-Echo 429 $failure -Headers @{ 'Retry-After' = [datetime]::UtcNow.AddMinutes(10).ToString('R') }
            '429, retry_after in the body (40 s)' = New-Echo 429 $failure.Replace('"request_id"', '"retry_after":40,"request_id"')
            '429, Retry-After of three hours' = New-Echo 429 $failure -Headers @{ 'Retry-After' = '10800' }
            '500' = New-Echo 500 'CANARY broke' 'text/plain' -After
            '502, HTML page' = New-Echo 502 $page 'text/html' -After
            '503' = New-Echo 503 $failure
            '504, user''s start timeout' = New-Echo 504 $failure -Headers @{ 'X-Fal-Error-Type' = 'request_timeout'; 'X-Fal-Request-Timeout-Type' = 'user' }
            '504, HTML page' = New-Echo 504 $page 'text/html' -After
            'headers never come' = @{ kind = 'holdHeaders' }
            'body stops half way' = @{ kind = 'holdBody' }
            'body in small pieces' = @{ kind = 'slowBody'; seconds = 0; bytes = 50 }
            'truncated body' = @{ kind = 'truncate' }
            'malformed JSON' = New-Echo 200 $failure.Substring(0, 150)
            'empty body' = @{ kind = 'emptyBody' }
            '200, HTML page' = New-Echo 200 $page 'text/html' -After
            'wrong content type' = @{ kind = 'wrongContentType'; contentType = "application/octet-stream; note=`"$canary`"" }
            'huge body' = @{ kind = 'hugeBody'; bytes = (64MB + 1) }
            '302 to another host' = New-Echo 302 $page 'text/html' -Headers @{ Location = 'https://CANARY@elsewhere.example/CANARY?key=CANARY' } -After
            '307 to another host' = New-Echo 307 $page 'text/html' -Headers @{ Location = 'https://elsewhere.example/CANARY?key=CANARY' }
            'expired (404)' = New-Echo 404 $failure
        }
        if ($env:INPAINT_LONG -ne '1') {
            foreach ($name in @($faults.Keys)) { if ($name -notin 'malformed JSON', '302 to another host', 'expired (404)') { $faults.Remove($name) } }
        }

        # A shell a cell: its streams are its own, progress among them, which cannot be redirected, and so is the pause that a provider asked for.
        $shells = [System.Collections.Generic.List[powershell]]::new()
        function Get-Shell([int] $Index) {
            while ($shells.Count -le $Index) {
                $shell = [powershell]::Create()
                foreach ($variable in @{ key = $key; loud = $loud; mask = $mask; folder = "$TestDrive/out/$($shells.Count)" }.GetEnumerator()) {
                    $shell.Runspace.SessionStateProxy.SetVariable($variable.Key, $variable.Value)
                }
                $null = $shell.AddScript("Import-Module '$(Get-ModulePath)'").Invoke()
                $shells.Add($shell)
            }
            $shells[$Index]
        }

        # A provider of its own for each cell: a service that asks for time gets it from all jobs of that provider.
        function New-Provider([string] $Kind, [int] $Index) {
            $settings = $providers.Where({ $_.Name -eq "Test$Kind" })[0] + @{}
            $settings.Name = "Test$Kind$Index"
            Set-InpaintProvider @settings -ApiKey $key
            $settings
        }

        function Start-Cell([int] $Index, [string] $Name, [string] $Line, [hashtable] $Variables) {
            $shell = Get-Shell $Index
            $shell.Commands.Clear()
            $shell.Streams.ClearStreams()
            $shell.Runspace.SessionStateProxy.GetVariable('Error').Clear()
            foreach ($variable in $Variables.GetEnumerator()) { $shell.Runspace.SessionStateProxy.SetVariable($variable.Key, $variable.Value) }
            $transcript = "$TestDrive/transcript-$Index.txt"
            Remove-Item -LiteralPath $transcript -ErrorAction Ignore
            # One by one, so that also what came before a stop is seen.
            $null = $shell.AddScript(@"
                `$ErrorActionPreference = `$ProgressPreference = 'Continue'
                `$null = Start-Transcript -LiteralPath '$transcript' -UseMinimalHeader
                try { & { Set-InpaintProvider @settings -ApiKey `$key; $Line } *>&1 | ForEach-Object { `$_; `$_ | Out-Host } } finally { `$null = Stop-Transcript }
"@)
            $none = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $none.Complete()
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            [pscustomobject] @{ Name = $Name; Shell = $shell; Transcript = $transcript; Output = $output; Handle = $shell.BeginInvoke($none, $output) }
        }

        # What is still under way after the time is stopped, as by Ctrl-C.
        function Complete-Cell([object[]] $Cells, [int] $Seconds) {
            $limit = [datetime]::UtcNow.AddSeconds($Seconds)
            foreach ($cell in $Cells) {
                $rest = [Math]::Max(0, ($limit - [datetime]::UtcNow).TotalMilliseconds)
                $null = $cell.Handle.AsyncWaitHandle.WaitOne([int] $rest)
            }
            $stops = foreach ($cell in $Cells.Where({ -not $_.Handle.IsCompleted })) { $cell.Shell.BeginStop($null, $null) }
            foreach ($stop in $stops) { $null = $stop.AsyncWaitHandle.WaitOne(10000) }

            foreach ($cell in $Cells) {
                $streams = $cell.Shell.Streams
                $things = @($cell.Output) + @($streams.Progress) + @($streams.Error) + @($streams.Warning) + @($streams.Verbose) + @($streams.Debug) + @($streams.Information) + @($cell.Shell.Runspace.SessionStateProxy.GetVariable('Error'))
                $things = $things.Where({ $null -ne $_ })
                $count.Played++
                $count.Progress += $streams.Progress.Count
                $count.Errors += $things.Where({ $_ -is [System.Management.Automation.ErrorRecord] }).Count -gt 0 ? 1 : 0
                $count.Stopped += $cell.Shell.InvocationStateInfo.State -eq 'Stopped' ? 1 : 0
                try {
                    Assert-NoKeyIn $things
                    Assert-NoKey 'The transcript' (Get-Content -LiteralPath $cell.Transcript -Raw)
                } catch {
                    $leaks.Add("$($cell.Name): $_")
                }
                # A line that was stopped while it waited for its first answer has nothing to say yet.
                if ($things.Count -eq 0 -and $cell.Shell.InvocationStateInfo.State -ne 'Stopped') { $silent.Add($cell.Name) }
            }
        }

        function Complete-Part {
            $seen = Send-Emulator state
            $met = @(Send-Emulator requests).Where({ $_.fault }).Count
            Write-Host ('    {0} combinations, {1} with an error, {2} stopped, {3} records of progress, {4} requests that met a fault, {5} leaks' -f $count.Played, $count.Errors, $count.Stopped, $count.Progress, $met, $leaks.Count)
            Assert-NoKeyBelow $state
            Assert-NoKeyBelow "$TestDrive/out"
            $leaks | Select-Object -First 5 | Should -BeNullOrEmpty
            $silent | Should -BeNullOrEmpty
            $seen.keyLeaks | Should -Be 0
            $met | Should -BeGreaterOrEqual ($count.Played * 0.9)
            $count.Errors | Should -BeGreaterThan ($count.Played / 3)
        }
    }

    BeforeEach {
        Reset-Emulator
        Send-Emulator settings @{ falKeys = @($canary); gateway = @{ keys = @($canary); knowsCancel = $true }; modelsLab = @{ keys = @($canary); etaSeconds = 0; duplicateWindowSeconds = 0; queueLimit = 1000 } } -Method Put
        $count = @{ Played = 0; Errors = 0; Stopped = 0; Progress = 0 }
        $leaks = [System.Collections.Generic.List[string]]::new()
        $silent = [System.Collections.Generic.List[string]]::new()
    }

    AfterEach {
        foreach ($shell in $shells) { $shell.Runspace.Dispose(); $shell.Dispose() }
        $shells.Clear()
    }

    AfterAll {
        Stop-Emulator
        Get-InpaintProvider Test* | Remove-InpaintProvider
    }

    It 'stays at home when nobody listens' {
        $index = 0
        $cells = foreach ($kind in 'Fal', 'FalGateway', 'ModelsLab') {
            $line = 'Invoke-Inpaint $picture $mask -Provider $settings.Name -Prompt "an empty bench" @loud'
            Start-Cell $index "$kind, connection refused" $line @{ picture = Get-Item "$pictures/dog.png"; settings = New-Provider "Closed$kind" $index }
            $index++
        }
        Complete-Cell $cells 40
        Assert-NoKeyBelow $state
        $leaks | Should -BeNullOrEmpty
        $count.Errors | Should -Be 3
    }

    It 'stays at home whatever becomes of <Name>' -ForEach $following {
        $number = 0
        $made = foreach ($column in $Columns) {
            $null = Send-Emulator scripts ($column.Script + @{ default = $true })
            foreach ($fault in $faults.GetEnumerator()) {
                $settings = New-Provider $column.Kind $number
                $number++
                $job = Start-InpaintJob (Get-Item "$pictures/dog.png") $mask -Provider $settings.Name -Prompt 'an empty bench'
                $image = if ($column.Struck -eq 'Download') { ($job | Receive-InpaintJob -Wait).Images[0] }
                @{ Column = $column; Fault = $fault; Job = $job; Image = $image; Settings = $settings }
            }
        }
        foreach ($cell in $made) {
            $path = $cell.Image ? ([uri] $cell.Image.Url).AbsolutePath : $cell.Job.Id
            Send-Emulator faults @{ operation = $cell.Column.Struck; always = $true; pathContains = $path; faults = @($cell.Fault.Value) }
        }
        $index = 0
        $cells = foreach ($cell in $made) {
            Start-Cell $index "$($cell.Column.Kind) $($cell.Column.Struck), $($cell.Fault.Key)" $cell.Column.Line @{ job = $cell.Job; image = $cell.Image; settings = $cell.Settings }
            $index++
        }
        # Longer than all repeats of a status together; only what never gets an answer is stopped.
        Complete-Cell $cells 60
        Complete-Part
    }

    It 'stays at home whatever becomes of the <Name>' -ForEach $handingIn {
        $index = 0
        foreach ($fault in $faults.GetEnumerator()) {
            Send-Emulator faults @{ operation = $Struck; always = $true; faults = @($fault.Value) }
            $cells = foreach ($kind in $Kinds) {
                $told = "$Line -Provider `$settings.Name -Prompt 'an empty bench' -TimeoutSec 1 @loud; Get-InpaintStatus @loud"
                Start-Cell $index "$kind $Name, $($fault.Key)" $told @{ picture = Get-Item "$pictures/$Picture.png"; settings = New-Provider $kind $index }
                $index++
            }
            Complete-Cell $cells 6
            Send-Emulator faults -Method Delete
            Send-Emulator release -Method Post
            Get-InpaintStatus -All -WarningAction Ignore -ErrorAction Ignore | Remove-InpaintJob -Confirm:$false -WarningAction Ignore -ErrorAction Ignore
        }
        Complete-Part
    }
}
