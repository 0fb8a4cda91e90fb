# What the guides for CI, for troubleshooting and for users of curl claim.


BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $guides = Join-Path (Split-Path $PSScriptRoot) docs/guides
    $emulator = Start-Emulator

    function Get-Block([string] $Guide, [string] $Language) {
        [regex]::Matches((Get-Content (Join-Path $guides $Guide) -Raw).ReplaceLineEndings("`n"), "(?ms)^``````$Language\n(.*?)^``````$") | ForEach-Object { $_.Groups[1].Value }
    }
}

AfterAll {
    Get-InpaintProvider | Remove-InpaintProvider
    Stop-Emulator
}

Describe 'The guide for CI' {
    BeforeAll {
        $desk = Join-Path $TestDrive desk
        $null = New-TestPair -Folder $desk -Name dog
        $null = New-TestPicture -Path $desk/small_mask.png -Width 32 -Height 32 -Kind Mask
        $good = 'dog.png,dog_mask.png,'
        $missing = 'nowhere.png,dog_mask.png,'
        $small = 'dog.png,small_mask.png,'

        # Another shell runs the script at a list of these rows, with the emulator as fal.
        function Invoke-Step([string] $Script, [string[]] $Rows, [switch] $AsCommand, [string] $Key = 'test-id:test-secret') {
            Remove-Item $desk/out, $desk/retry.csv -Recurse -Force -ErrorAction Ignore
            @('Image,Mask,Prompt') + $Rows | Set-Content $desk/jobs.csv
            $fal = @{ BaseUri = "$($emulator.Uri)/queue"; SyncUri = "$($emulator.Uri)/run"; StorageUri = "$($emulator.Uri)/rest"; PlatformUri = "$($emulator.Uri)/platform/v1" }
            $set = $fal.Keys | ForEach-Object { "-$_ '$($fal[$_])'" }
            Set-Content $desk/step.ps1 "Import-Module '$(Get-ModulePath)'; Set-InpaintProvider Fal $set", $Script
            $before = $env:FAL_KEY, $env:INPAINT_HOME
            Push-Location $desk
            try {
                $env:FAL_KEY = $Key
                $env:INPAINT_HOME = Join-Path $TestDrive ([guid]::NewGuid())
                $how = $AsCommand ? @('-Command', './step.ps1') : @('-File', 'step.ps1')
                $said = Invoke-ShellProgram -NoProfile -NonInteractive @how 2>&1 | Out-String
                [pscustomobject] @{ ExitCode = $LASTEXITCODE; Said = $said }
            }
            finally {
                Pop-Location
                $env:FAL_KEY, $env:INPAINT_HOME = $before
            }
        }
    }

    BeforeEach { Reset-Emulator }

    It 'has a script that ends with 0 when all went well, and says a line for each item' {
        $step = Invoke-Step @(Get-Block ci.md powershell)[0] 'dog.png,dog_mask.png,a bench'
        $step.ExitCode | Should -Be 0 -Because $step.Said
        $step.Said | Should -Match '(?m)^1/1 +dog\.png '
        @(Get-ChildItem $desk/out) | Should -HaveCount 1
        (Get-Content $desk/repaint.jsonl | ConvertFrom-Json).event | Should -Contain 'saved'
        "$desk/retry.csv" | Should -Not -Exist
    }

    It 'has a script that ends with 1 when a row must be corrected, keeps what was made and writes the rows to be repeated' {
        $step = Invoke-Step @(Get-Block ci.md powershell)[0] 'dog.png,dog_mask.png,a bench', 'nowhere.png,dog_mask.png,a bench', 'dog.png,small_mask.png,a bench'
        $step.ExitCode | Should -Be 1 -Because $step.Said
        @(Get-ChildItem $desk/out) | Should -HaveCount 1
        (Import-Csv $desk/retry.csv).Image | Sort-Object | Should -Be 'dog.png', 'nowhere.png'
        (Import-Csv $desk/retry.csv)[0].PSObject.Properties.Name | Should -Be 'Image', 'Mask', 'Prompt'
    }

    It 'has a script that ends with 2 when what failed may succeed later' {
        Send-Emulator faults @{ operation = 'Submit'; always = $true; faults = @(@{ kind = 'respond'; status = 503; body = '{}'; headers = @{ 'Retry-After' = '0' } }) }
        $step = Invoke-Step @(Get-Block ci.md powershell)[0] 'dog.png,dog_mask.png,a bench'
        $step.ExitCode | Should -Be 2 -Because $step.Said
        (Import-Csv $desk/retry.csv).Prompt | Should -Be 'a bench'
    }

    It 'tells that the exit code is <Code> after <What>' -ForEach @(
        @{ What = 'success'; Code = 0; Rows = 'good'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider Local' }
        @{ What = 'single failures'; Code = 0; Rows = 'bad'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider Local; "after"' }
        @{ What = 'a failure in the last line'; Code = 0; Rows = 'bad'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider Local' }
        @{ What = 'a wrong value'; Code = 0; Rows = 'good'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider Local -Strength abc' }
        @{ What = 'a missing key'; Code = 0; Rows = 'good'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider KkiAi -Prompt bench' }
        @{ What = 'single failures with Stop'; Code = 1; Rows = 'bad'; Script = '$ErrorActionPreference = "Stop"; Import-Csv jobs.csv | Invoke-Inpaint -Provider Local' }
        @{ What = 'a wrong value with Stop'; Code = 1; Rows = 'good'; Script = '$ErrorActionPreference = "Stop"; Import-Csv jobs.csv | Invoke-Inpaint -Provider Local -Strength abc' }
        @{ What = 'a wrong value with -ErrorAction Stop'; Code = 0; Rows = 'good'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider Local -Strength abc -ErrorAction Stop' }
        @{ What = 'single failures with -ErrorAction Stop'; Code = 1; Rows = 'bad'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider Local -ErrorAction Stop' }
        @{ What = 'a missing key with Stop'; Code = 1; Rows = 'good'; Script = 'Import-Csv jobs.csv | Invoke-Inpaint -Provider KkiAi -Prompt bench -ErrorAction Stop' }
        @{ What = 'throw'; Code = 1; Rows = 'good'; Script = 'throw "x"' }
        @{ What = 'a script that does not parse'; Code = 1; Rows = 'good'; Script = 'if (' }
        @{ What = 'exit 3'; Code = 3; Rows = 'good'; Script = 'exit 3' }
    ) {
        $step = Invoke-Step $Script ($Rows -eq 'good' ? $good : @($good, $missing, $small))
        $step.ExitCode | Should -Be $Code -Because $step.Said
    }

    It 'tells that a script that does not exist gives 64' {
        $null = Invoke-ShellProgram -NoProfile -File (Join-Path $desk nowhere.ps1) 2>&1
        $LASTEXITCODE | Should -Be 64
    }

    It 'has steps of pipelines that fail, and tell that what failed may succeed later' {
        Send-Emulator faults @{ operation = 'Submit'; always = $true; faults = @(@{ kind = 'respond'; status = 503; body = '{}'; headers = @{ 'Retry-After' = '0' } }) }
        Set-Content $desk/repaint.ps1 @(Get-Block ci.md powershell)[0]
        foreach ($pipeline in Get-Block ci.md yaml) {
            $lines = [regex]::Match($pipeline, '(?ms)^ +\./repaint\.ps1.*?exit \$LASTEXITCODE$').Value
            $step = Invoke-Step "`$ErrorActionPreference = 'stop'`n$lines" 'dog.png,dog_mask.png,a bench' -AsCommand
            $step.ExitCode | Should -Be 1 -Because $step.Said
            $step.Said | Should -Match '(?m)^(::warning::|##vso\[task\.logissue type=warning\])What failed may succeed later'
            (Import-Csv $desk/retry.csv).Prompt | Should -Be 'a bench'
        }
    }

    It 'tells that -Command makes 1 of any exit code but 0' {
        (Invoke-Step 'exit 3' $good -AsCommand).ExitCode | Should -Be 1
        (Invoke-Step 'exit 0' $good -AsCommand).ExitCode | Should -Be 0
    }

    It 'has pipelines that are YAML, whose keys come from secrets' {
        $pipelines = @(Get-Block ci.md yaml)
        $pipelines | Should -HaveCount 2
        $pipelines | ForEach-Object { $_ | Should -Match '(?m)^ +FAL_KEY: (\$\{\{ secrets\.FAL_KEY \}\}|\$\(FAL_KEY\))$' }
        $python = Get-Command python3 -ErrorAction Ignore
        if (-not $python -or -not (& $python -c 'import yaml; print(1)' 2>$null)) { Set-ItResult -Skipped -Because 'no YAML parser is at hand' }
        foreach ($pipeline in $pipelines) {
            $steps = $pipeline | & $python -c 'import sys, yaml; y = yaml.safe_load(sys.stdin); print(len(y.get("steps") or y["jobs"]["repaint"]["steps"]))'
            $LASTEXITCODE | Should -Be 0
            [int] $steps | Should -BeGreaterThan 4
        }
    }
}

Describe 'The guide for troubleshooting' {
    It 'describes every error id, what to do about it, and whether it is transient' {
        # Which requests may succeed later without a change. The error itself decides: some errors of an id are transient and others are not.
        $transient = @{
            RateLimited = 'usually'
            ProviderUnavailable = 'usually'
            JobTimedOut = 'yes, unless the job has ended'
            JobFailed = "if the provider's machines failed, not the model; a new job is charged again"
            ResponseInvalid = 'sometimes, if the job is still running'
            SubmissionUncertain = 'only while another process is submitting the job'
        }
        $about = (Get-Content $guides/../en-US/about_Inpaint.md -Raw).ReplaceLineEndings("`n")
        $sections = foreach ($id in [enum]::GetValues([Inpaint.InpaintErrorId])) {
            $meaning = [regex]::Match($about, "(?m)^\| $id \| (.+) \|$").Groups[1].Value
            $meaning | Should -Not -BeNullOrEmpty -Because "about_Inpaint describes $id"
            $meaning = $meaning.Substring(0, 1).ToUpperInvariant() + $meaning.Substring(1).TrimEnd('.') + '.'
            $advice = [Inpaint.Pipeline.ShellAdvice]::For($id)
            "### $id`n`n$meaning`n`n- What to do: $advice`n- Transient: $($transient["$id"] ?? 'no')`n"
        }
        $document = (Get-Content $guides/troubleshooting.md -Raw).ReplaceLineEndings("`n")
        $mark = [regex] '(?s)(<!-- error ids:[^\n]*-->\n).*(<!-- end of error ids -->)'
        $document | Should -Match $mark
        $expected = $mark.Replace($document, { param($found) "$($found.Groups[1])`n$($sections -join "`n")`n$($found.Groups[2])" })
        if ($env:INPAINT_WRITE_DOCS -eq '1') { Set-Content $guides/troubleshooting.md $expected -NoNewline }
        else { $document -ceq $expected | Should -BeTrue -Because 'docs/guides/troubleshooting.md is generated from the error ids: run this file once with INPAINT_WRITE_DOCS=1 and commit the result' }
    }
}

Describe 'The guide for users of curl' {
    It 'has lines for gateways and ModelsLab that run as they are written' {
        $desk = Join-Path $TestDrive curl
        $null = New-TestPair -Folder $desk -Name dog -Size 512
        foreach ($provider in Get-Content $PSScriptRoot/providers-under-test.json -Raw | ConvertFrom-Json -AsHashtable | Where-Object { $_.name -ne 'Fal' }) {
            $uris = @{}
            foreach ($name in $provider.uris.Keys) { $uris[$name] = "$($emulator.Uri)$($provider.uris[$name])" }
            Set-InpaintProvider $provider.name @uris -ApiKey $provider.key
        }

        Push-Location $desk
        try {
            $lines = @(Get-Block from-curl.md pwsh)
            $lines | Should -HaveCount 4
            foreach ($line in $lines) {
                Reset-Emulator
                Send-Emulator scripts @{ default = $true; preset = 'immediate' }
                $files = & ([scriptblock]::Create($line)) -ErrorAction Stop
                $files | Should -Not -BeNullOrEmpty -Because $line
                (Send-Emulator state).paidJobs | Should -Be 1
            }
        }
        finally {
            Pop-Location
        }
    }
}
