BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures -Size 256
    $cat = New-TestPair -Folder $pictures -Name cat -Size 256 -Shade 5
    $mask = Join-Path $pictures 'dog_mask.png'
    $emulator = Start-Emulator
    $common = @{ Provider = 'Test'; Prompt = 'an empty bench' }

    # Everything a line writes, stream by stream, run as a user would.
    function Get-Streams([string] $Line) {
        $run = Start-InRunspace $Line @{ dog = $dog; cat = $cat; mask = $mask; pictures = $pictures; common = $common }
        $run.Shell.EndInvoke($run.Handle)
        $run
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'The main line with a paid provider' {
    BeforeEach {
        Reset-Emulator
    }

    It 'makes one job per picture and files of the results' {
        $files = Get-ChildItem "$pictures/*.png" | Where-Object Name -NotLike '*_mask*' |
            Invoke-Inpaint -Mask { $_ -replace '\.png$', '_mask.png' } @common |
            Save-InpaintImage -Path "$TestDrive/out/"
        $files.BaseName | Sort-Object | Should -Be 'cat-inpaint', 'dog-inpaint'
        $state = Send-Emulator state
        $state.paidJobs | Should -Be 2
        $state.keyLeaks | Should -Be 0
    }

    It 'knows seed, cost and timings as the provider tells them' {
        Send-Emulator scripts @{ preset = 'immediate' }
        $result = Invoke-Inpaint $dog $mask @common -Count 2
        $result.Images | Should -HaveCount 2
        $result.Seed | Should -BeGreaterThan 9007199254740993
        $result.Cost.IsEstimate | Should -BeFalse
        $result.Cost.Amount | Should -BeGreaterThan 0
        $result.Job.State | Should -Be 'Completed'
        $result | Format-Table | Out-String -Width 200 | Should -Match 'Test\s+[\d.]+s\s+\$0\.\d+\s+2\s+256x256\s+an empty bench\s+fal-ai/flux-lora/inpainting\s+\d{18}'
    }

    It 'sends every parameter that it was given' {
        $null = Invoke-Inpaint $dog $mask @common -Strength 0.7 -Steps 12 -GuidanceScale 4.5 -Count 3 -Seed 196619188014358661 -Size landscape_4_3 `
            -OutputFormat png -NoSafetyChecker -Acceleration regular -Lora 'https://example.org/a.safetensors=0.8', @{ Path = 'b/c'; Scale = 0.5 } `
            -Priority low -StartTimeoutSec 77 -AdditionalBody @{ extra = @{ nested = 1, 'two', $true } }
        $request = @(Send-Emulator 'requests?operation=Submit')[0]
        $body = $request.body | ConvertFrom-Json
        $body.prompt | Should -Be 'an empty bench'
        $body.strength | Should -Be 0.7
        $body.num_inference_steps | Should -Be 12
        $body.guidance_scale | Should -Be 4.5
        $body.num_images | Should -Be 3
        $body.seed | Should -Be 196619188014358661
        $body.image_size | Should -Be 'landscape_4_3'
        $body.output_format | Should -Be 'png'
        $body.enable_safety_checker | Should -BeFalse
        $body.acceleration | Should -Be 'regular'
        $body.loras.path | Should -Be 'https://example.org/a.safetensors', 'b/c'
        $body.loras.scale | Should -Be 0.8, 0.5
        $body.extra.nested | Should -Be 1, 'two', $true
        $request.headers.'X-Fal-Queue-Priority' | Should -Be 'low'
        $request.headers.'X-Fal-Request-Timeout' | Should -Be '77'
    }

    It 'asks directly with -Synchronous' {
        (Invoke-Inpaint $dog $mask @common -Synchronous).Images | Should -HaveCount 1
        @(Send-Emulator 'requests?operation=Run') | Should -HaveCount 1
        @(Send-Emulator 'requests?operation=Submit') | Should -HaveCount 0
    }

    It 'brings the pictures along with -InlineResult' {
        $result = Invoke-Inpaint $dog $mask @common -InlineResult
        $result.Images[0].Url | Should -BeLike 'file:*'
        ($result | Save-InpaintImage "$TestDrive/inline/").Length | Should -BeGreaterThan 0
        (Send-Emulator state).downloads | Should -Be 0
    }

    It 'chains by address, without a download' {
        $result = New-InpaintImage 'a lawn' -Provider Test -Size 256x256 | Invoke-Inpaint -Mask $mask @common
        $result.Images | Should -HaveCount 1
        (Send-Emulator state).downloads | Should -Be 0
        (@(Send-Emulator 'requests?operation=Submit')[1].body | ConvertFrom-Json).image_url | Should -BeLike "$($emulator.Uri)/*"
    }

    It 'takes a key of its own' {
        { Invoke-Inpaint $dog $mask @common -ApiKey 'test-id:other' -ErrorAction Stop } | Should -Throw -ErrorId 'AuthenticationFailed,*'
        (Invoke-Inpaint $dog $mask @common -ApiKey 'test-id:test-secret').Images | Should -HaveCount 1
    }
}

Describe 'Before paying' {
    BeforeEach {
        Reset-Emulator
    }

    It 'says with -WhatIf what it would cost, and sends nothing' {
        $file = Join-Path $TestDrive 'transcript.txt'
        Invoke-ShellProgram -NoLogo -NoProfile -Command "Import-Module '$(Get-ModulePath)'; Set-InpaintProvider Test -Kind Fal -BaseUri $($emulator.Uri) -ApiKey k; Invoke-Inpaint '$dog' '$mask' -Provider Test -Prompt x -Count 2 -WhatIf; Invoke-Inpaint '$dog' '$mask' -Provider Test -Prompt x -WhatIf" > $file
        $text = (Get-Content $file -Raw) -replace '\s+', ' '
        $text | Should -Match ([regex]::Escape('"Submit a paid job: 2 images of 0.07 megapixels each, about $0.005" on target "dog.png -> Test fal-ai/flux-lora/inpainting"'))
        $text | Should -Match ([regex]::Escape('"Submit a paid job: 1 image of 0.07 megapixels, about $0.002" on target'))
        (Send-Emulator state).requests | Should -Be 0
    }

    It 'keeps to -MaximumCost' {
        # A picture of 256x256 is 0.065536 megapixels: $0.00229376.
        $results = 1..3 | ForEach-Object { $dog } | Invoke-Inpaint -Mask $mask @common -MaximumCost 0.005 -ErrorVariable failures -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $failures | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -Be 'CostLimitExceeded,Inpaint.InvokeInpaintCommand'
        (Send-Emulator state).paidJobs | Should -Be 2
    }

    It 'does not count a job against -MaximumCost that the provider refused' {
        Send-Emulator faults @{ operation = 'Submit'; faults = @(@{ kind = 'respond'; status = 422; body = '{"detail":[{"loc":["body","prompt"],"msg":"no","type":"content_policy_violation"}]}' }) }
        $results = 1..3 | ForEach-Object { $dog } | Invoke-Inpaint -Mask $mask @common -MaximumCost 0.005 -ThrottleLimit 1 -ErrorVariable failures -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $failures.FullyQualifiedErrorId | Should -Be 'ContentPolicyViolation,Inpaint.InvokeInpaintCommand'
    }

    It '<Case> gives <ErrorId>, and nothing is sent' -ForEach @(
        @{ Case = 'strength out of range'; ErrorId = 'InvalidParameter'; Arguments = @{ Strength = 1.5 } }
        @{ Case = 'steps out of range'; ErrorId = 'InvalidParameter'; Arguments = @{ Steps = 51 } }
        @{ Case = 'count out of range'; ErrorId = 'InvalidParameter'; Arguments = @{ Count = 5 } }
        @{ Case = 'guidance out of range'; ErrorId = 'InvalidParameter'; Arguments = @{ GuidanceScale = 36 } }
        @{ Case = 'an unknown format'; ErrorId = 'InvalidParameter'; Arguments = @{ OutputFormat = 'bmp' } }
        @{ Case = 'an unknown acceleration'; ErrorId = 'InvalidParameter'; Arguments = @{ Acceleration = 'ludicrous' } }
    ) {
        { Invoke-Inpaint $dog $mask @common @Arguments -ErrorAction Stop } | Should -Throw -ErrorId "$ErrorId*,Inpaint.InvokeInpaintCommand"
        (Send-Emulator state).requests | Should -Be 0
    }

    It 'wants a key that is valid' {
        { Invoke-Inpaint $dog $mask @common -ApiKey 'wrong:key' -ErrorAction Stop } | Should -Throw -ErrorId 'AuthenticationFailed,Inpaint.InvokeInpaintCommand'
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'wants a key' {
        Set-InpaintProvider Keyless -Kind Fal -BaseUri $emulator.Uri
        try {
            { Invoke-Inpaint $dog $mask -Provider Keyless -Prompt x -ErrorAction Stop } | Should -Throw -ErrorId 'ApiKeyMissing,Inpaint.InvokeInpaintCommand'
            (Send-Emulator state).requests | Should -Be 0
        }
        finally { Remove-InpaintProvider Keyless }
    }
}

Describe 'Trouble' {
    BeforeEach {
        Reset-Emulator
    }

    It '<Case> gives <ErrorId>, and at most one job' -ForEach @(
        @{ Case = 'HTML in place of an answer to the submit'; ErrorId = 'SubmissionUncertain'; Operation = 'Submit'; Fault = @{ kind = 'html'; status = 200 } }
        @{ Case = 'a connection that breaks after the submit'; ErrorId = 'SubmissionUncertain'; Operation = 'Submit'; Fault = @{ kind = 'resetAfterAccept' } }
        @{ Case = 'an answer to the submit cut in half'; ErrorId = 'SubmissionUncertain'; Operation = 'Submit'; Fault = @{ kind = 'malformedBody'; afterAccept = $true } }
        @{ Case = 'nothing at all in answer to the submit'; ErrorId = 'SubmissionUncertain'; Operation = 'Submit'; Fault = @{ kind = 'emptyBody' } }
        @{ Case = 'a status that nobody knows'; ErrorId = 'ResponseInvalid'; Operation = 'Status'; Fault = @{ kind = 'unknownStatus' }; Stream = $false }
        @{ Case = 'a page in place of a status'; ErrorId = 'ResponseInvalid'; Operation = 'Status'; Fault = @{ kind = 'html'; status = 200 }; Stream = $false }
        @{ Case = 'a result cut in half'; ErrorId = 'ResponseInvalid'; Operation = 'Result'; Fault = @{ kind = 'malformedBody' } }
        @{ Case = 'an empty result'; ErrorId = 'ResponseInvalid'; Operation = 'Result'; Fault = @{ kind = 'emptyBody' } }
        @{ Case = 'a result that was deleted'; ErrorId = 'ResultExpired'; Operation = 'Result'; Fault = @{ kind = 'expired' } }
    ) {
        Send-Emulator faults @{ operation = $Operation; always = $true; faults = @($Fault) }
        if ($Stream -eq $false) { Send-Emulator faults @{ operation = 'statusStream'; always = $true; faults = @(@{ kind = 'respond'; status = 404; body = '{}' }) } }
        # Who waits is patient with odd answers about a job; who only looks is told at once.
        $failure = {
            if ($Operation -eq 'Submit') { Invoke-Inpaint $dog $mask @common -ErrorAction Stop }
            else {
                Send-Emulator scripts @{ preset = 'immediate' }
                Start-InpaintJob $dog $mask @common -ErrorAction Stop | Receive-InpaintJob -ErrorAction Stop
            }
        } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -Match "^($ErrorId),Inpaint\.(InvokeInpaint|ReceiveInpaintJob)Command$"
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        (Send-Emulator state).paidJobs | Should -BeLessOrEqual 1
    }

    It 'passes the provider''s own words on' {
        Send-Emulator scripts @{ result = @{ status = 422; body = '{"detail":[{"loc":["body","image_url"],"msg":"Could not load the image","type":"image_load_error"}]}' } }
        { Invoke-Inpaint $dog $mask @common -ErrorAction Stop } | Should -Throw '*Could not load the image*'
    }

    It 'warns of a flagged picture' {
        Send-Emulator scripts @{ result = @{ status = 200; body = '{"images":[{"url":"https://example.org/black.png","width":8,"height":8,"content_type":"image/png"}],"seed":1,"has_nsfw_concepts":[true],"prompt":"x","timings":{}}' } }
        $result = Invoke-Inpaint $dog $mask @common -WarningVariable warnings -WarningAction SilentlyContinue
        $result.HasNsfwConcepts -contains $true | Should -BeTrue
        "$warnings" | Should -Match 'flagged'
    }

    It 'keeps an uncertain job in the list' {
        Send-Emulator faults @{ operation = 'Submit'; faults = @(@{ kind = 'resetAfterAccept' }) }
        Invoke-Inpaint $dog $mask -Provider Test -Prompt 'uncertain one' -ErrorAction SilentlyContinue
        (Get-InpaintStatus -WarningAction SilentlyContinue | Where-Object Prompt -EQ 'uncertain one').State | Should -Be 'Uncertain'
    }

    It 'never shows the key, in no stream' {
        Send-Emulator faults @{ operation = 'Result'; always = $true; faults = @(@{ kind = 'html'; status = 500 }) }
        $run = Get-Streams '$VerbosePreference = $DebugPreference = $InformationPreference = "Continue"; Invoke-Inpaint $dog $mask @common -TimeoutSec 1'
        $run.Shell.Streams.Error | Should -Not -BeNullOrEmpty
        $said = @($run.Output) + @($run.Shell.Streams.Error) + @($run.Shell.Streams.Error.Exception) + @($run.Shell.Streams.Verbose) + @($run.Shell.Streams.Debug) + @($run.Shell.Streams.Warning) +
            @($run.Shell.Streams.Information) + @($run.Shell.Streams.Progress) | Out-String -Width 500
        $said | Should -Not -Match 'test-secret'
        Get-ChildItem (Join-Path $TestDrive 'state') -Recurse -File | Select-String 'test-secret' | Should -BeNullOrEmpty
    }
}

Describe 'Jobs at a provider' {
    BeforeEach {
        Reset-Emulator
    }

    It 'are found and collected by another process' {
        Send-Emulator scripts @{ preset = 'heldInProgress' }
        $job = Start-InpaintJob $dog $mask @common -OutputFormat png
        $job.State | Should -BeIn 'InQueue', 'InProgress'
        Send-Emulator "jobs/$($job.Id)/complete" -Method Post
        $line = "Import-Module '$(Get-ModulePath)'; Set-InpaintProvider Test -Kind Fal -BaseUri $($emulator.Uri) -ApiKey test-id:test-secret; Get-InpaintStatus -WarningAction SilentlyContinue | Where-Object Id -eq '$($job.Id)' | Receive-InpaintJob -Wait | Save-InpaintImage -Path '$TestDrive/elsewhere.png' | ForEach-Object Name"
        Invoke-ShellProgram -NoLogo -NoProfile -Command $line | Should -Be 'elsewhere.png'
        (Get-InpaintStatus -WarningAction SilentlyContinue).Id | Should -Not -Contain $job.Id
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'are stopped where they are' {
        Send-Emulator scripts @{ preset = 'heldInQueue' }
        $job = Start-InpaintJob $dog $mask @common
        ($job | Stop-InpaintJob).StopOutcome | Should -BeIn 'Cancelled', 'CancellationRequested'
        (Send-Emulator state).cancels | Should -Be 1
    }

    It 'show their log on request' {
        Send-Emulator scripts @{ preset = 'heldInProgress'; logs = @('loading', 'denoising 3/28') }
        $job = Start-InpaintJob $dog $mask @common
        ($job | Get-InpaintStatus -IncludeLog).Logs.Message | Should -Contain 'denoising 3/28'
        $null = $job | Stop-InpaintJob
    }

    It 'are not collected before they are finished, unless waited for' {
        Send-Emulator scripts @{ preset = 'heldInProgress' }
        $job = Start-InpaintJob $dog $mask @common
        $job | Receive-InpaintJob -WarningVariable why -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$why" | Should -Match '-Wait'
        Send-Emulator "jobs/$($job.Id)/complete" -Method Post
        ($job | Receive-InpaintJob -Wait).Images | Should -HaveCount 1
    }

    It 'go on when the time for waiting is up' {
        Send-Emulator scripts @{ preset = 'heldInQueue' }
        $job = Start-InpaintJob $dog $mask @common
        $job | Wait-InpaintJob -TimeoutSec 1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'JobTimedOut,Inpaint.WaitInpaintJobCommand'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match '^The job continues'
        (Send-Emulator state).cancels | Should -Be 0
        $null = $job | Stop-InpaintJob
    }

    It 'are cancelled when the time of Invoke-Inpaint is up' {
        Send-Emulator scripts @{ preset = 'heldInQueue' }
        Invoke-Inpaint $dog $mask @common -TimeoutSec 1 -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'JobTimedOut,Inpaint.InvokeInpaintCommand'
        $failure[0].ErrorDetails.RecommendedAction | Should -Not -Match 'continues|collect it later'
        (Send-Emulator state).cancels | Should -Be 1
    }

    It 'unknown to the provider give JobNotFound' {
        Get-InpaintStatus -Id 11111111-2222-3333-4444-555555555555 -Provider Test -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'JobNotFound,Inpaint.GetInpaintStatusCommand'
    }
}
