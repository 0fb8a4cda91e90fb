# A service that writes the caller's key into all that it says: the key is in no stream, transcript, error, object or file, whatever the line was and however it failed.
BeforeDiscovery {
    $faults = @(
        @{ Fault = 'a wrong key'; Operations = 'Submit', 'Account'; Answer = @{ status = 401; body = '{"detail":"invalid key CANARY","status":"error","message":"Invalid API key CANARY","error":{"message":"no CANARY","type":"CANARY","code":"CANARY"}}' } }
        @{ Fault = 'a complaint about a field'; Operations = 'Submit', 'Account'; Answer = @{ status = 422; body = '{"detail":[{"loc":["body","CANARY"],"msg":"CANARY","type":"CANARY","input":{"key":"CANARY"}}],"status":"error","message":{"key":["CANARY"]}}' } }
        @{ Fault = 'a failure of its own'; Operations = 'Submit', 'Account'; Answer = @{ status = 500; body = '{"detail":"CANARY broke","status":"error","message":"CANARY"}' } }
        @{ Fault = 'a redirect'; Operations = 'Submit', 'Account', 'Result'; Answer = @{ status = 302; headers = @{ Location = 'https://CANARY@elsewhere.example/CANARY?key=CANARY' } } }
        @{ Fault = 'a job named after it'; Operations = @('Submit'); Answer = @{ status = 200; body = '{"status":"IN_QUEUE","request_id":"CANARY","id":"CANARY","status_url":"https://CANARY.example/","response_url":"https://x.example/CANARY","fetch_result":"https://x.example/fetch/CANARY","eta":0}' } }
        @{ Fault = 'a log that quotes it'; Operations = 'Status', 'StatusStream'; Answer = @{ status = 200; body = '{"status":"IN_PROGRESS","id":"CANARY","logs":[{"message":"CANARY","timestamp":"CANARY","level":"CANARY"}],"message":"CANARY","eta":0}' } }
        @{ Fault = 'a result that quotes it'; Operations = 'Result', 'Status'; Answer = @{ status = 200; body = '{"status":"success","id":"CANARY","images":[{"url":"https://cdn.example/CANARY.png","file_name":"CANARY.png","content_type":"image/CANARY"}],"output":["https://cdn.example/CANARY.png"],"prompt":"CANARY","meta":{"prompt":"CANARY"},"timings":{"CANARY":1},"seed":1}' } }
    )
    # Every fault at one provider, and one of each sort at the others: what differs between them is held by the engine's own tests.
    $few = $faults.Where({ $_.Fault -in 'a wrong key', 'a job named after it' })
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    $kinds = foreach ($provider in Get-ProviderUnderTest) { @{ Kind = $provider.Kind; Uris = $provider.Uris; Faults = $provider.Kind -eq 'Fal' ? $faults : $few } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-Module (Join-Path $PSScriptRoot 'Canary.psm1')
    $state = Join-Path $TestDrive 'state'
    Import-TestModule $state
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures -Size 256
    $mask = Join-Path $pictures 'dog_mask.png'
    $emulator = Start-Emulator

    $canary = Get-Canary
    $key = ConvertTo-SecureString $canary -AsPlainText
    $secret = $canary.Split(':')[1]

    function Set-Fault([string[]] $Operations, [hashtable] $Answer) {
        $filled = New-Echo $Answer.status "$($Answer.body)" ($Answer.contentType ?? 'application/json') ($Answer.headers ?? @{})
        # Once for what is asked again, so that nobody waits out all the pauses; the line then goes on.
        $repeats = if ($Answer.status -ge 429) { 1 } else { 4 }
        foreach ($operation in $Operations) { Send-Emulator faults @{ operation = $operation; faults = @($filled) * $repeats } }
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test* | Remove-InpaintProvider
}

Describe 'The key of <Kind>' -ForEach $kinds {
    BeforeAll {
        $uris = Get-EmulatorUri $_
        Set-InpaintProvider "Test$Kind" -Kind $Kind @uris -ApiKey $key
        # Debugging alone would make warnings and errors ask.
        $loud = @{ Verbose = $true; Debug = $true; WarningAction = 'Continue'; ErrorAction = 'Continue' }
        $common = $loud + @{ Provider = "Test$Kind"; Prompt = 'an empty bench' }
    }

    BeforeEach {
        Reset-Emulator
        Send-Emulator settings @{ falKeys = @($canary); gateway = @{ keys = @($canary) }; modelsLab = @{ keys = @($canary); etaSeconds = 0; duplicateWindowSeconds = 0 } } -Method Put
        Get-InpaintStatus -All -WarningAction Ignore | Remove-InpaintJob
        $Error.Clear()
    }

    It 'is not among what the provider tells of itself' {
        Assert-NoKeyIn @(Get-InpaintProvider "Test$Kind")
        Assert-NoKeyIn @(Set-InpaintProvider "Test$Kind" -ApiKey $key -PassThru)
    }

    It 'stays at home when the service answers with <Fault>' -ForEach $Faults {
        Set-Fault $Operations $Answer
        $transcript = Join-Path $TestDrive "transcript-$Kind.txt"
        $null = Start-Transcript -LiteralPath $transcript -UseMinimalHeader
        try {
            $things = @(
                & {
                    $ErrorActionPreference = 'Continue'
                    Test-InpaintProvider "Test$Kind" @loud
                    Invoke-Inpaint $dog $mask @common -TimeoutSec 1 | Save-InpaintImage -Path "$TestDrive/out/" -Force -Metadata Sidecar @loud
                    # What may be asked again would be waited for here, where no time limit ends it.
                    if ($Answer.status -lt 429) { Start-InpaintJob $dog $mask @common -ApiKey $key -OutVariable job }
                    Get-InpaintStatus @loud
                    if ($job) {
                        $job | Get-InpaintStatus -IncludeLog -ApiKey $key @loud
                        $job | Receive-InpaintJob @loud
                        $job | Stop-InpaintJob @loud
                    }
                } *>&1
            )
            $things | Out-Host
        } finally {
            $null = Stop-Transcript
        }

        @($things).Count | Should -BeGreaterThan 2
        Assert-NoKeyIn ($things + @($Error))
        Assert-NoKey 'The transcript' (Get-Content -LiteralPath $transcript -Raw)
        Assert-NoKeyBelow $state
        Assert-NoKeyBelow "$TestDrive/out"
        $seen = Send-Emulator state
        $seen.keyLeaks | Should -Be 0
        $seen.requests | Should -BeGreaterThan 1
    }
}

Describe 'A key in the wrong place' {
    It 'is not shown by an error: <Line>' -ForEach @(
        @{ Line = 'an address with a password'; Script = { Set-InpaintProvider TestWrong -Kind Fal -BaseUri "https://user:$secret@proxy.example" } }
        @{ Line = 'an address with a user name'; Script = { Set-InpaintProvider TestWrong -Kind Fal -BaseUri "https://$([uri]::EscapeDataString($secret))@proxy.example" } }
        @{ Line = 'an address with a query'; Script = { Set-InpaintProvider TestWrong -Kind Fal -BaseUri "https://proxy.example/?key=$secret" } }
        @{ Line = 'plain http'; Script = { Set-InpaintProvider TestWrong -Kind Fal -BaseUri 'http://proxy.example' -ApiKey $key } }
        @{ Line = 'a body that holds it'; Script = { Invoke-Inpaint $dog $mask -Provider TestModelsLab -ApiKey $key -Prompt x -AdditionalBody @{ Key = $secret } } }
    ) {
        Reset-Emulator
        $Error.Clear()
        $things = @(& { $ErrorActionPreference = 'Continue'; try { & $Script } catch { $_ } } *>&1)
        @($things).Where({ $_ -is [System.Management.Automation.ErrorRecord] }) | Should -HaveCount 1
        (Send-Emulator state).requests | Should -Be 0
        foreach ($record in @($things) + @($Error)) {
            Assert-NoKey 'The error' "$record $($record.Exception) $($record.ErrorDetails) $($record.TargetObject) $($record.Exception.RecommendedAction)"
        }
    }
}
