# What Set-InpaintProvider keeps for all sessions, where each value comes from, keys in a secret store, and prices that the user states.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $dog = New-TestPair -Folder (Join-Path $TestDrive 'pictures')
    $mask = Join-Path $TestDrive 'pictures/dog_mask.png'
    $emulator = Start-Emulator
    $file = Join-Path $env:INPAINT_CONFIG 'settings.json'
    $uris = @{}
    $keys = @{}
    foreach ($provider in Get-ProviderUnderTest) { $uris[$provider.Kind] = Get-EmulatorUri $provider; $keys[$provider.Kind] = $provider.Key }

    # A line in a session of its own, which knows what is kept and nothing else.
    function Invoke-InSession([string] $Line) { Invoke-ShellProgram -NoProfile -Command "Import-Module '$(Get-ModulePath)'; $Line" }

    # A module that stands for Microsoft.PowerShell.SecretManagement, with two vaults, and counts how often it is asked.
    $modules = Join-Path $TestDrive 'modules'
    $null = New-Item -ItemType Directory -Path "$modules/SecretStub"
    $asked = Join-Path $TestDrive 'asked.txt'
    Set-Content "$modules/SecretStub/SecretStub.psm1" @"
function Get-Secret { param([string] `$Name, [string] `$Vault)
    "`$Name `$Vault" | Add-Content '$asked'
    switch ("`$Name|`$Vault") {
        'FalKey|' { ConvertTo-SecureString '$($keys.Fal)' -AsPlainText -Force }
        'FalKey|Team' { [pscredential]::new('x', (ConvertTo-SecureString '$($keys.Fal)' -AsPlainText -Force)) }
        'Number|' { 42 }
        default { throw "The secret `$Name was not found." }
    }
}
"@
    New-ModuleManifest "$modules/SecretStub/SecretStub.psd1" -RootModule SecretStub.psm1 -FunctionsToExport Get-Secret
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider | Remove-InpaintProvider -Scope User
}

Describe 'Settings for the user' {
    BeforeEach {
        Reset-Emulator
    }

    AfterEach {
        Get-InpaintProvider | Where-Object Name -NE Test | Remove-InpaintProvider -Scope User
    }

    It 'hold in other sessions, with where each value comes from' {
        $fal = $uris.Fal
        Set-InpaintProvider Mine -Kind Fal @fal -Scope User -Default -Model fal-ai/bria/genfill -Parameter @{ Count = 2; Seed = $null; NoSafetyChecker = $true }
        Set-InpaintProvider Fal -Model fal-ai/flux-lora-fill -Scope User
        $seen = Invoke-InSession '(Get-InpaintProvider Mine).Model; "$((Get-InpaintProvider).Where({ $_.IsDefault }).Name)"; (Get-InpaintProvider Mine).Sources.Model; (Get-InpaintProvider Mine).Sources.IsDefault; (Get-InpaintProvider Fal).Model; (Get-InpaintProvider Fal).Sources.BaseUri; (Get-InpaintProvider Mine).Defaults.Count; "$((Get-InpaintProvider Mine).PlatformUri)"'
        $seen | Should -Be 'fal-ai/bria/genfill', 'Mine', 'user', 'user', 'fal-ai/flux-lora-fill', 'built-in', '2', "$($fal.PlatformUri)"

        # A session's own values come before, the environment's choice before the file's.
        Set-InpaintProvider Mine -Model fal-ai/flux-lora/inpainting
        (Get-InpaintProvider Mine).Sources.Model | Should -Be 'session'
        (Get-InpaintProvider Mine | Format-List | Out-String -Width 400) | Should -Match '(?s)Defaults +: Count = 2, SafetyChecker = False.*Sources +:.*BaseUri: user.*Model: session'
        $env:INPAINT_PROVIDER = 'Local'
        try { (Get-InpaintProvider Local).IsDefault, (Get-InpaintProvider Local).Sources.IsDefault | Should -Be $true, 'INPAINT_PROVIDER' } finally { $env:INPAINT_PROVIDER = $null }

        # A provider that is removed in this session is what is kept, and gone when that goes too.
        Remove-InpaintProvider Mine
        (Get-InpaintProvider Mine).Model | Should -Be 'fal-ai/bria/genfill'
        Remove-InpaintProvider Mine -Scope User
        { Get-InpaintProvider Mine -ErrorAction Stop } | Should -Throw -ErrorId 'ProviderNotFound,Inpaint.GetInpaintProviderCommand'
        Invoke-InSession '(Get-InpaintProvider).Name -contains "Mine"; (Get-InpaintProvider Local).IsDefault' | Should -Be 'False', 'True'
    }

    It 'give requests what they leave out, as far as the model has it' {
        Set-InpaintProvider Test -Parameter @{ Steps = 12; OutputFormat = 'png'; NegativePrompt = 'blurry'; RunnerHint = 'one' }
        $null = Invoke-Inpaint $dog $mask 'a lion' -Provider Test -OutputFormat jpeg -Verbose 4>&1 | Tee-Object -Variable said
        $body = (Send-Emulator 'requests?operation=Submit').body | ConvertFrom-Json
        $body.num_inference_steps, $body.output_format | Should -Be 12, 'jpeg'
        $body.psobject.Properties.Name | Should -Not -Contain 'negative_prompt'
        (Send-Emulator 'requests?operation=Submit').headers.'X-Fal-Runner-Hint' | Should -Be 'one'
        "$said" | Should -Match 'set by the defaults of Test'
        Set-InpaintProvider Test -Parameter @{ Steps = $null; RunnerHint = ''; OutputFormat = $null; NegativePrompt = '' }
        (Get-InpaintProvider Test).Defaults.Count | Should -Be 0
        { Set-InpaintProvider Test -Parameter @{ Steps = 'many' } -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Parameter,Inpaint.SetInpaintProviderCommand'
    }

    It 'refuse a default that no request could have: <Name>' -ForEach @(
        @{ Name = 'Stpes'; Value = 40; Said = "*no parameter or option 'Stpes'*Did you mean Steps? These can have one: *NoSafetyChecker*RunnerHint*" }
        @{ Name = 'KeepUnmasked'; Value = $true; Said = "*no parameter or option 'KeepUnmasked'*" }
        @{ Name = 'Steps'; Value = 9999; Said = 'Steps 9999 is out of range: Test takes 1 to 50. Nothing was changed.' }
        @{ Name = 'NoSafetyChecker'; Value = 'maybe'; Said = "'maybe' cannot be the default of NoSafetyChecker.*" }
        @{ Name = 'NegativePrompt'; Value = @('a', 'b'); Said = '*cannot be the default of NegativePrompt.*' }
    ) {
        foreach ($scope in 'Session', 'User') {
            { Set-InpaintProvider Test -Parameter @{ $Name = $Value; Count = 2 } -Scope $scope -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Parameter,Inpaint.SetInpaintProviderCommand' -ExpectedMessage $Said
            (Get-InpaintProvider Test).Defaults.Count | Should -Be 0
        }
    }

    It 'apply a seed, and options that are lists' {
        $null = Send-Emulator models @{ id = 'someone/listed'; fields = @(@{ name = 'prompt'; isRequired = $true }, @{ name = 'image_url'; type = 'File'; isRequired = $true }, @{ name = 'mask_url'; type = 'File'; isRequired = $true }, @{ name = 'seed'; type = 'Integer' }, @{ name = 'words'; type = 'List' }) }
        $fal = $uris.Fal
        Set-InpaintProvider Mine -Kind Fal @fal -Model someone/listed -Scope User
        Set-InpaintProvider Mine -ApiKey $keys.Fal
        $null = Find-InpaintModel someone/listed -Provider Mine
        Set-InpaintProvider Mine -Scope User -Parameter @{ Seed = 5000000000; words = 'a', 'b' }
        $null = 1..2 | ForEach-Object { Invoke-Inpaint $dog $mask "lion $_" -Provider Mine -WarningAction SilentlyContinue }
        $bodies = (Send-Emulator 'requests?operation=Submit').body | ConvertFrom-Json
        $bodies.seed | Should -Be 5000000000, 5000000000
        $bodies.words | Should -Be 'a', 'b', 'a', 'b'
        Invoke-InSession '(Get-InpaintProvider Mine).Defaults.words.ToJsonString()' | Should -Be '["a","b"]'
    }

    It 'warn of a default in the file that nothing has, with its file and key' {
        Set-Content $file '{ "providers": { "Fal": { "defaults": { "stpes": 3 } } } }'
        try { $said = Invoke-InSession "`$null = Get-InpaintPlan '$dog' '$mask' x -Provider Fal -WarningVariable said 3>`$null; `"`$said`"; (Get-InpaintPlan '$dog' '$mask' x -Provider Fal 3>`$null).Warnings" } finally { Remove-Item $file }
        $said | Should -Not -BeNullOrEmpty
        $said | Select-Object -Last 1 | Should -BeLike "'stpes' is a default of Fal in '$file' (providers.Fal.defaults.stpes), but no parameter or option has this name, so it is ignored. Did you mean Steps?"
    }

    It 'never hold a key' {
        { Set-InpaintProvider Fal -ApiKey canary-key -Scope User -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.ApiKey,Inpaint.SetInpaintProviderCommand' -ExpectedMessage '*never written*'
        Set-InpaintProvider Fal -ApiKey canary-key
        Set-InpaintProvider Fal -Model fal-ai/flux-lora-fill -Scope User
        Get-Content $file -Raw | Should -Not -Match 'canary'
        if (-not $IsWindows) { (Get-Item $file).UnixMode | Should -Be '-rw-------' }
    }

    It 'are all kept when several sessions change them at the same time' {
        $program = Get-ShellProgram
        $sessions = foreach ($number in 1..3) {
            $start = [System.Diagnostics.ProcessStartInfo]::new($program.Path)
            $line = "Import-Module '$(Get-ModulePath)'; `$null = Get-InpaintProvider; 'ready'; `$null = [Console]::In.ReadLine(); 1..10 | ForEach-Object { Set-InpaintProvider Own$number-`$_ -Kind Fal -BaseUri https://proxy.example/`$_ -Scope User -ErrorAction Stop; Set-InpaintProvider Fal -Parameter @{ Seed = `$_ } -Scope User -ErrorAction Stop }; 'done'"
            $program.Arguments + '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $line | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.RedirectStandardInput = $true
            $start.RedirectStandardOutput = $true
            [System.Diagnostics.Process]::Start($start)
        }
        foreach ($session in $sessions) { $session.StandardOutput.ReadLine() | Should -Be 'ready' }
        foreach ($session in $sessions) { $session.StandardInput.WriteLine() }
        foreach ($session in $sessions) {
            $session.StandardOutput.ReadToEnd() | Should -Match 'done'
            $session.WaitForExit()
        }
        $kept = Get-Content $file -Raw | ConvertFrom-Json
        $names = foreach ($number in 1..3) { foreach ($own in 1..10) { "Own$number-$own" } }
        $kept.providers.PSObject.Properties.Name | Where-Object { $_ -like 'Own*' } | Sort-Object | Should -Be ($names | Sort-Object)
        $kept.providers.Fal.defaults.Seed | Should -Be '10'
        Get-ChildItem (Split-Path $file) -File | ForEach-Object Name | Sort-Object | Should -Be 'settings.json', 'settings.lock'
        Remove-Item $file
    }

    It 'change nothing with -WhatIf, and nothing that is refused' {
        Set-InpaintProvider Mine -Kind Fal -BaseUri https://proxy.example -Scope User -WhatIf
        { Set-InpaintProvider Mine -Kind Fal -BaseUri http://proxy.example -Scope User -ErrorAction Stop } | Should -Throw -ErrorId 'InsecureTransport,Inpaint.SetInpaintProviderCommand'
        (Get-Content $file -Raw) | Should -Not -Match 'proxy.example'
    }

    It 'that cannot be read are named, with what to do' {
        Set-Content $file '{ "providers": { "Fal": { "modle": "x" } } }'
        try { $said = Invoke-InSession 'try { Get-InpaintProvider -ErrorAction Stop } catch { $_.FullyQualifiedErrorId; "$_" }' } finally { Remove-Item $file }
        $said[0] | Should -Be 'StateUnavailable,Inpaint.GetInpaintProviderCommand'
        "$said" | Should -Match 'settings\.json.*modle'
    }
}

Describe 'A key in a secret store' {
    BeforeEach {
        Reset-Emulator
        Remove-Item $asked -ErrorAction Ignore
        $path = $env:PSModulePath
        $env:PSModulePath = $modules + [System.IO.Path]::PathSeparator + $path
        $fal = $uris.Fal
    }

    AfterEach {
        $env:PSModulePath = $path
        Get-InpaintProvider Mine -ErrorAction Ignore | Remove-InpaintProvider -Scope User
    }

    It 'is read at each use, from its vault, and kept nowhere' {
        Set-InpaintProvider Mine -Kind Fal @fal -ApiKeySecret FalKey -Scope User
        (Get-InpaintProvider Mine).KeySource, (Get-InpaintProvider Mine).Sources.ApiKey | Should -Be 'secret FalKey', 'user'
        $asked | Should -Not -Exist
        Test-InpaintProvider Mine | Should -BeTrue
        $first = (Get-Content $asked).Count
        (Invoke-Inpaint $dog $mask x -Provider Mine).Images | Should -HaveCount 1
        (Get-Content $asked).Count | Should -BeGreaterThan $first
        Set-InpaintProvider Mine -ApiKeySecret FalKey -Vault Team
        (Get-InpaintProvider Mine).KeySource | Should -Be 'secret FalKey in Team'
        Test-InpaintProvider Mine | Should -BeTrue
        Get-Content $asked -Tail 1 | Should -Be 'FalKey Team'
        Get-ChildItem $env:INPAINT_HOME, $env:INPAINT_CONFIG -Recurse -File | Select-String -SimpleMatch $keys.Fal | Should -BeNullOrEmpty
    }

    It 'that cannot be read costs nothing and says why: <Secret>' -ForEach @(
        @{ Secret = 'Nothing'; Said = 'The secret Nothing was not found' }
        @{ Secret = 'Number'; Said = 'neither text nor a credential' }
    ) {
        Set-InpaintProvider Mine -Kind Fal @fal -ApiKeySecret $Secret
        { Invoke-Inpaint $dog $mask x -Provider Mine -ErrorAction Stop } | Should -Throw -ErrorId 'ApiKeyMissing,Inpaint.InvokeInpaintCommand' -ExpectedMessage "*$Said*"
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'needs the module, and says so without it' {
        $env:PSModulePath = $path
        $line = "Set-InpaintProvider Mine -Kind Fal -BaseUri $($fal.BaseUri) -ApiKeySecret FalKey; try { Invoke-Inpaint '$dog' '$mask' x -Provider Mine -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `"`$_`" }"
        $said = Invoke-InSession $line
        $said[0] | Should -Be 'ApiKeyMissing,Inpaint.InvokeInpaintCommand'
        "$said" | Should -Match 'Install-PSResource Microsoft.PowerShell.SecretManagement'
    }
}

Describe 'A price that the user states' {
    BeforeEach { Reset-Emulator }
    AfterEach { Get-InpaintProvider Gateway, Lab -ErrorAction Ignore | Remove-InpaintProvider }

    It 'counts for <Kind>: estimates, the ceiling, and results' -ForEach @{ Kind = 'FalGateway'; Name = 'Gateway' }, @{ Kind = 'ModelsLab'; Name = 'Lab' } {
        $base = $uris[$Kind]
        Set-InpaintProvider $Name -Kind $Kind @base -ApiKey $keys[$Kind] -PricePerImage 0.02
        $result = Invoke-Inpaint $dog $mask x -Provider $Name -Count 2 -WarningAction SilentlyContinue
        [double] $result.Cost.Amount, $result.Cost.IsEstimate | Should -Be 0.04, $true
        { Invoke-Inpaint $dog $mask x -Provider $Name -Count 2 -MaximumCost 0.03 -ErrorAction Stop -WarningAction SilentlyContinue } | Should -Throw -ErrorId 'CostLimitExceeded,Inpaint.InvokeInpaintCommand'
        "$((Get-InpaintProvider $Name).Price) $((Get-InpaintProvider $Name).Sources.Price)" | Should -Be '$0.02 per image session'

        Set-InpaintProvider $Name -PricePerMegapixel 1
        "$((Get-InpaintProvider $Name).CapabilitiesFor('Inpaint').Price)" | Should -Be '$1 per megapixel'
        { Set-InpaintProvider $Name -PricePerMegapixel 1 -PricePerImage 1 -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.PricePerMegapixel,Inpaint.SetInpaintProviderCommand'
    }

    It 'counts for a model of fal without one, and not for one whose price fal states' {
        Set-InpaintProvider Test -PricePerImage 0.5
        $null = Send-Emulator models @{ id = 'someone/unpriced'; fields = @(@{ name = 'prompt'; isRequired = $true }, @{ name = 'image_url'; type = 'File'; isRequired = $true }, @{ name = 'mask_url'; type = 'File'; isRequired = $true }) }
        { Invoke-Inpaint $dog $mask x -Provider Test -Model someone/unpriced -MaximumCost 0.4 -ErrorAction Stop } | Should -Throw -ErrorId 'CostLimitExceeded,Inpaint.InvokeInpaintCommand'
        (Invoke-Inpaint $dog $mask x -Provider Test -Model someone/unpriced -MaximumCost 0.6).Images | Should -HaveCount 1
        (Invoke-Inpaint $dog $mask x -Provider Test -MaximumCost 0.4 -ErrorAction Stop).Images | Should -HaveCount 1
    }
}
