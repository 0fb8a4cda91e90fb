# Whatever ends a pipeline early ends the work behind it within a second, cancels at the provider where it can, and leaves nothing running. The jobs here never
# finish by themselves, so a line that did not stop would not end at all. tests/Measure-Stop.ps1 runs this file to measure how long each stop takes.
BeforeDiscovery {
    # Gateways are asked to cancel, although none of them documents it; ModelsLab has no way to ask.
    # What the emulator is told, and what its state is once the line has come to where it is to be stopped. Paid jobs and cancels are what it counts in the end.
    $heldInQueue = @{ default = $true; preset = 'heldInQueue' }
    $heldInProgress = @{ default = $true; preset = 'heldInProgress' }
    # The state alone does not tell a submit from a question; gateways are asked for the result.
    $asked = { @(Send-Emulator requests).Where({ $_.operation -in 'Status', 'Result' }).Count -ge 1 }
    $noStream = @{ operation = 'StatusStream'; faults = @(@{ kind = 'endStream'; events = 0 }) }
    $phases = @(
        @{ Phase = 'the upload'; Kind = 'Fal'; Line = 'Invoke-Inpaint $large $mask @common'; Fault = @{ operation = 'UploadPut'; faults = @(@{ kind = 'holdHeaders' }) }; Ready = { $_.uploads -ge 1 -and $_.requestsInFlight -ge 1 }; Jobs = 0; Cancels = 0; Standing = $null }
        @{ Phase = 'the upload'; Kind = 'ModelsLab'; Fault = @{ operation = 'UploadPut'; faults = @(@{ kind = 'holdHeaders' }) }; Ready = { $_.uploads -ge 1 -and $_.requestsInFlight -ge 1 }; Jobs = 0; Cancels = 0; Standing = $null }
        @{ Phase = 'the submit'; Kind = 'Fal'; Fault = @{ operation = 'Submit'; faults = @(@{ kind = 'holdHeaders' }) }; Ready = { $_.paidJobs -eq 1 -and $_.requestsInFlight -ge 1 }; Jobs = 1; Cancels = 0; Standing = 'Uncertain' }
        @{ Phase = 'the submit'; Kind = 'FalGateway'; Fault = @{ operation = 'Submit'; faults = @(@{ kind = 'holdHeaders' }) }; Ready = { $_.paidJobs -eq 1 -and $_.requestsInFlight -ge 1 }; Jobs = 1; Cancels = 0; Standing = 'Uncertain' }
        @{ Phase = 'the submit'; Kind = 'ModelsLab'; Fault = @{ operation = 'Submit'; faults = @(@{ kind = 'holdHeaders' }) }; Ready = { $_.paidJobs -eq 1 -and $_.requestsInFlight -ge 1 }; Jobs = 1; Cancels = 0; Standing = 'Uncertain' }
        @{ Phase = 'the queue, listening'; Kind = 'Fal'; Script = $heldInQueue; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 1; Standing = 'Cancelled' }
        @{ Phase = 'the queue, asking'; Kind = 'Fal'; Script = $heldInQueue; Fault = $noStream; Ready = $asked; Jobs = 1; Cancels = 1; Standing = 'Cancelled' }
        @{ Phase = 'the queue, asking'; Kind = 'FalGateway'; Script = $heldInQueue; Ready = $asked; Jobs = 1; Cancels = 1; Standing = 'InQueue' }
        @{ Phase = 'the queue, asking'; Kind = 'ModelsLab'; Script = $heldInQueue; Ready = $asked; Jobs = 1; Cancels = 0; Standing = 'InProgress' }
        @{ Phase = 'an answer to a question'; Kind = 'ModelsLab'; Script = $heldInQueue; Fault = @{ operation = 'Status'; faults = @(@{ kind = 'holdHeaders' }) }; Ready = $asked; Jobs = 1; Cancels = 0; Standing = 'InProgress' }
        @{ Phase = 'the run'; Kind = 'Fal'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 1; Standing = 'Cancelled' }
        @{ Phase = 'six runs, three at a time'; Kind = 'Fal'; Line = '1..6 | ForEach-Object { $dog } | Invoke-Inpaint -Mask $mask @common -ThrottleLimit 3'; Script = $heldInProgress; Ready = { $_.openStreams -eq 3 }; Jobs = 3; Cancels = 3 }
        @{ Phase = 'the run, with Save-InpaintImage behind it'; Kind = 'Fal'; Line = 'Invoke-Inpaint $dog $mask @common | Save-InpaintImage -Path $out'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 1 }
        @{ Phase = 'a new picture'; Kind = 'Fal'; Line = 'New-InpaintImage "a lawn" -Provider $provider'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 1 }
        @{ Phase = 'a mask that is found'; Kind = 'Fal'; Line = 'New-InpaintMask $dog -Prompt "the dog" -Provider $provider -Path "${out}found.png"'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 1; Standing = 'Cancelled' }
        @{ Phase = 'a stream of previews'; Kind = 'Fal'; Line = 'New-InpaintImage "a lawn" -Provider $provider -PreviewPath $out'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 0; Standing = 'Uncertain' }
        @{ Phase = 'Wait-InpaintJob'; Kind = 'Fal'; Line = 'Start-InpaintJob $dog $mask @common | Wait-InpaintJob'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 0; Standing = 'InProgress' }
        @{ Phase = 'Receive-InpaintJob'; Kind = 'Fal'; Line = 'Start-InpaintJob $dog $mask @common | Receive-InpaintJob -Wait'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 0; Standing = 'InProgress' }
        @{ Phase = 'Save-InpaintImage of a job'; Kind = 'Fal'; Line = 'Start-InpaintJob $dog $mask @common | Save-InpaintImage -Path $out'; Script = $heldInProgress; Ready = { $_.openStreams -eq 1 }; Jobs = 1; Cancels = 0; Standing = 'InProgress' }
    )
    $phases += foreach ($kind in 'Fal', 'FalGateway', 'ModelsLab') {
        @{ Phase = 'the download'; Kind = $kind; Line = 'Invoke-Inpaint $dog $mask @common | Save-InpaintImage -Path $out'; Script = @{ preset = 'immediate' }; Fault = @{ operation = 'Download'; faults = @(@{ kind = 'holdBody'; bytes = 100 }) }; Ready = { $_.downloads -eq 1 -and $_.requestsInFlight -eq 1 }; Jobs = 1; Cancels = 0; Standing = 'Completed' }
    }
    foreach ($phase in $phases) {
        foreach ($name in 'Script', 'Fault', 'Standing') { $phase[$name] = $phase[$name] }
        $phase.Line ??= 'Invoke-Inpaint $dog $mask @common'
    }

    # The signal itself, at a shell of its own, in the phases that differ most.
    $signals = $phases.Where({ "$($_.Phase), $($_.Kind)" -in 'the upload, Fal', 'the queue, listening, Fal', 'the queue, asking, ModelsLab', 'a stream of previews, Fal', 'the download, FalGateway' })

    $wait = 'while (-not $go.IsSet) { [Threading.Thread]::Sleep(5) }'
    $ends = foreach ($kind in 'Fal', 'FalGateway', 'ModelsLab') {
        @{ Way = 'Select-Object -First 1'; Kind = $kind; Line = "`$dog, `$dog, `$dog | Invoke-Inpaint -Mask `$mask @common | ForEach-Object { `$seen.Set(); $wait; `$_ } | Select-Object -First 1"; IsSeen = $true; Jobs = 3; Output = 1; Failed = $false }
        @{ Way = 'a command downstream throws'; Kind = $kind; Line = "`$dog, `$dog, `$dog | Invoke-Inpaint -Mask `$mask @common | ForEach-Object { `$seen.Set(); $wait; throw 'enough' }"; IsSeen = $true; Jobs = 3; Output = 0; Failed = $true }
        @{ Way = '-ErrorAction Stop'; Kind = $kind; Line = "& { `$dog; `$dog; $wait; `$none } | Invoke-Inpaint -Mask `$mask @common -ErrorAction Stop"; IsSeen = $false; Jobs = 2; Output = $null; Failed = $true }
    }
    $ends += @{ Way = 'a command upstream throws'; Kind = 'Fal'; Line = "& { `$dog; `$dog; $wait; throw 'enough' } | Invoke-Inpaint -Mask `$mask @common"; IsSeen = $false; Jobs = 2; Output = $null; Failed = $true }

    # During the run, long enough for a submit on a busy machine.
    $limits = @(
        @{ Phase = 'the upload'; Kind = 'Fal'; Line = 'Invoke-Inpaint $large $mask @common -TimeoutSec 1'; Fault = $phases[0].Fault; Jobs = 0; Cancels = 0 }
        @{ Phase = 'the run'; Kind = 'Fal'; Line = 'Invoke-Inpaint $dog $mask @common -TimeoutSec 3'; Fault = $null; Jobs = 1; Cancels = 1 }
        @{ Phase = 'Wait-InpaintJob'; Kind = 'Fal'; Line = 'Start-InpaintJob $dog $mask @common | Wait-InpaintJob -TimeoutSec 1'; Fault = $null; Jobs = 1; Cancels = 0 }
        @{ Phase = 'the run'; Kind = 'FalGateway'; Line = 'Invoke-Inpaint $dog $mask @common -TimeoutSec 3'; Fault = $null; Jobs = 1; Cancels = 1 }
        @{ Phase = 'the run'; Kind = 'ModelsLab'; Line = 'Invoke-Inpaint $dog $mask @common -TimeoutSec 3'; Fault = $null; Jobs = 1; Cancels = 0 }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    $state = Join-Path $TestDrive 'state'
    Import-TestModule $state
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $mask = Join-Path $pictures 'dog_mask.png'

    # Too large to travel inside the request; what follows the end of a PNG is not looked at.
    $large = Join-Path $pictures 'large.png'
    [System.IO.File]::WriteAllBytes($large, [System.IO.File]::ReadAllBytes($dog) + [System.Text.Encoding]::ASCII.GetBytes(' ' * 1000000))

    $emulator = Start-Emulator
    $setUp = @(
        foreach ($provider in Get-ProviderUnderTest) {
            $uris = Get-EmulatorUri $provider
            "Set-InpaintProvider $($provider.Kind)-Test -Kind $($provider.Kind) -ApiKey '$($provider.Key)' $($uris.Keys.ForEach{ "-$_ '$($uris[$_])'" })"
        }
    ) -join "`n"
    . ([scriptblock]::Create($setUp))

    # The promise is one second on a machine that is not busy with other things; without the stop these lines would never end.
    $limit = [timespan]::FromSeconds(5)

    function Reset-Everything([string] $Kind, [hashtable] $Script, [hashtable] $Fault) {
        Get-InpaintStatus -All -WarningAction SilentlyContinue | Remove-InpaintJob
        Reset-Emulator
        # What a service expects is waited for before the first look; here nobody needs to wait.
        $null = Send-Emulator settings @{ modelsLab = @{ etaSeconds = 0 } } -Method Put
        if ($Script) { $null = Send-Emulator scripts $Script }
        if ($Fault) { $null = Send-Emulator faults $Fault }
        $out = Join-Path $TestDrive "out-$([guid]::NewGuid())/"
        @{ dog = $dog; large = $large; mask = $mask; none = "$pictures/none.png"; out = $out; provider = "$Kind-Test"; common = @{ Provider = "$Kind-Test"; Prompt = 'an empty bench'; WarningAction = 'SilentlyContinue' } }
    }

    function Assert-Prompt([timespan] $Elapsed, [string] $Way, [string] $Phase, [string] $Kind) {
        if ($env:INPAINT_TEST_STOP_TIMES) {
            [pscustomobject] @{ Way = $Way; During = $Phase; Provider = $Kind; Milliseconds = [int] $Elapsed.TotalMilliseconds } | Export-Csv -LiteralPath $env:INPAINT_TEST_STOP_TIMES -Append
        }

        $Elapsed | Should -BeLessThan $limit
    }

    # What is left over would ask on as soon as the service lets go of what it held, and at the latest when its next look is due. A new job at the same provider,
    # which is looked at after its own first pause, spans that time: until it is done no request may come that is not its own.
    function Assert-Quiet([string] $Kind, [int] $Jobs, [int] $Cancels) {
        $state = Wait-Emulator { $_.requestsInFlight -eq 0 -and $_.openStreams -eq 0 -and $_.cancels -ge $Cancels }
        $state.paidJobs | Should -Be $Jobs
        $state.cancels | Should -Be $Cancels -Because "the requests were`n$(Send-Emulator requests | ForEach-Object { "$($_.number) $($_.method) $($_.path) $($_.status) $($_.fault)" } | Join-String -Separator "`n")"
        $state.keyLeaks | Should -Be 0
        Send-Emulator faults -Method Delete
        Send-Emulator release -Method Post
        Send-Emulator jobs | ForEach-Object { Send-Emulator "jobs/$($_.id)/complete" -Method Post }
        Send-Emulator scripts @{ preset = 'immediate' }
        Send-Emulator faults @{ operation = 'StatusStream'; faults = @(@{ kind = 'endStream'; events = 0 }) }
        $other = New-InpaintImage 'a lawn' -Provider "$Kind-Test" -Size 256x256 -WarningAction SilentlyContinue
        # The price of its model is looked up beside the first job of a day.
        $more = @(Send-Emulator requests).Where({ $_.number -gt $state.requests -and $_.jobId -ne $other.Job.Id -and $_.operation -ne 'Pricing' })
        $more.operation | Should -Be 'Submit'
        $null = Wait-Emulator { $_.requestsInFlight -eq 0 }
    }

    function Assert-Known([int] $Count, [string] $Standing) {
        # Work that takes longer to say goodbye than a stopped line waits for it goes on, and writes its outcome down when it has it.
        $null = Wait-Emulator { ($known = @(Get-InpaintStatus -All)).Count -eq $Count -and (-not $Standing -or -not $known.Where({ "$($_.State)" -ne $Standing })) }
    }

    # The files that a stopped line has left, hidden ones included.
    function Get-Left([string] $Folder) { Get-ChildItem -LiteralPath $Folder -Recurse -File -Force -ErrorAction Ignore }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider *Test | Remove-InpaintProvider
}

Describe 'Ctrl+C' {
    AfterEach {
        # Whatever the test has found, the next one is to begin in silence.
        $run.Shell.Dispose()
    }

    It 'during <Phase> at <Kind>' -ForEach $phases {
        $variables = Reset-Everything $Kind $Script $Fault
        $run = Start-InRunspace $Line $variables
        $null = Wait-Emulator $Ready
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $run.Shell.Stop()
        Assert-Prompt $clock.Elapsed 'Ctrl+C' $Phase $Kind
        $run.Shell.InvocationStateInfo.State | Should -Be 'Stopped'
        Assert-Known $Jobs $Standing
        Get-Left $variables.out | Should -BeNullOrEmpty
        Assert-Quiet $Kind $Jobs $Cancels
    }

    It 'during the fill at Local' {
        Get-InpaintStatus -All | Remove-InpaintJob
        # A fill that takes many seconds.
        $wall = New-TestPicture -Path "$pictures/wall.png" -Width 640 -Height 640
        $hole = New-TestPicture -Path "$pictures/hole.png" -Width 640 -Height 640 -Kind Mask
        $run = Start-InRunspace 'Invoke-Inpaint $wall $hole -Provider Local -Count 4' @{ wall = $wall; hole = $hole }
        $null = Wait-Emulator { (Get-InpaintStatus -All).State -eq 'InProgress' }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $run.Shell.Stop()
        Assert-Prompt $clock.Elapsed 'Ctrl+C' 'the fill' 'Local'
        Assert-Known 1 'Cancelled'
        # Fills take turns, so that this one shows that the other has ended.
        (Invoke-Inpaint $dog $mask -Provider Local).Images | Should -HaveCount 1
        (Get-InpaintStatus -All).State | Should -Be 'Cancelled', 'Completed'
        (Get-Left "$state/local").Where({ $_.Extension -eq '.png' }) | Should -HaveCount 1
    }
}

Describe 'An interrupt signal to a shell' {
    It 'during <Phase> at <Kind>' -Skip:$IsWindows -ForEach $signals {
        $variables = Reset-Everything $Kind $Script $Fault
        $given = $variables.Keys.Where({ $_ -ne 'common' }) | ForEach-Object { "`$$_ = '$($variables[$_])'" }
        $file = Join-Path $TestDrive 'line.ps1'
        Set-Content -LiteralPath $file -Value (@("Import-Module '$(Get-ModulePath)'", $setUp) + $given + '$common = @{ Provider = $provider; Prompt = "an empty bench" }' + $Line)
        $program = Get-ShellProgram
        $command = @($program.Path) + $program.Arguments + '-NoLogo', '-NoProfile', '-NonInteractive', '-File', $file
        # What was started in the background of another shell ignores the signal, and so would all that it starts.
        $isIgnored = $IsLinux -and [Convert]::ToUInt64(((Get-Content /proc/self/status) -match '^SigIgn:')[0].Split("`t")[1], 16) -band 2
        if ($isIgnored) { $command = @('env', '--default-signal=INT') + $command }
        $start = [System.Diagnostics.ProcessStartInfo]::new($command[0], [string[]] $command[1..$command.Count])
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $shell = [System.Diagnostics.Process]::Start($start)
        try {
            $null = $shell.StandardOutput.ReadToEndAsync()
            $errors = $shell.StandardError.ReadToEndAsync()
            $null = Wait-Emulator $Ready -Seconds 60
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            sh -c "kill -INT $($shell.Id)"
            $shell.WaitForExit(30000) | Should -BeTrue
            Assert-Prompt $clock.Elapsed 'an interrupt signal, until the shell has ended' $Phase $Kind
            $errors.Result | Should -BeNullOrEmpty
        }
        finally {
            if (-not $shell.HasExited) { $shell.Kill() }
        }

        Assert-Known $Jobs $Standing
        Get-Left $variables.out | Should -BeNullOrEmpty
        Assert-Quiet $Kind $Jobs $Cancels
    }
}

Describe 'A pipeline that ends early' {
    AfterEach { $run.Shell.Dispose() }

    It 'because of <Way> at <Kind>' -ForEach $ends {
        # The first job is done at once, all others stay.
        $variables = Reset-Everything $Kind @{ preset = 'immediate' }
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $variables.go = [System.Threading.ManualResetEventSlim]::new()
        $variables.seen = [System.Threading.ManualResetEventSlim]::new()
        $run = Start-InRunspace $Line $variables
        $null = Wait-Emulator { $_.paidJobs -eq $Jobs }
        if ($IsSeen) { $variables.seen.Wait(30000) | Should -BeTrue }
        # A job whose result is here is past cancelling, and one whose id is here can be cancelled.
        $null = Wait-Emulator { ($known = Get-InpaintStatus -All).Count -eq $Jobs -and $known.Where({ $_.State -eq 'Completed' }).Count -eq 1 -and $known.Where({ $_.State -eq 'InProgress' }).Count -eq $Jobs - 1 }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $variables.go.Set()
        $failure = $null
        try { $run.Shell.EndInvoke($run.Handle) } catch { $failure = $_ }
        Assert-Prompt $clock.Elapsed $Way 'a batch' $Kind
        [bool] $failure | Should -Be $Failed
        if ($null -ne $Output) { $run.Output | Should -HaveCount $Output }
        Assert-Quiet $Kind $Jobs $(if ($Kind -eq 'ModelsLab') { 0 } else { $Jobs - 1 })
    }
}

Describe '-TimeoutSec' {
    AfterEach { $run.Shell.Dispose() }

    It 'during <Phase> at <Kind>' -ForEach $limits {
        $variables = Reset-Everything $Kind @{ default = $true; preset = 'heldInProgress' } $Fault
        $variables.clock = [System.Diagnostics.Stopwatch]::new()
        $run = Start-InRunspace "`$clock.Start(); $Line; `$clock.Stop()" $variables
        $null = $run.Shell.EndInvoke($run.Handle)
        Assert-Prompt ($variables.clock.Elapsed - [timespan]::FromSeconds([int]($Line -replace '^.*-TimeoutSec '))) '-TimeoutSec, beyond it' $Phase $Kind
        $run.Shell.Streams.Error.FullyQualifiedErrorId | Should -BeLike 'JobTimedOut,*'
        Assert-Quiet $Kind $Jobs $Cancels
    }
}
