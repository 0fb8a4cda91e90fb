BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
}

Describe 'The provider commands' {
    AfterEach {
        Get-InpaintProvider Mine* | Remove-InpaintProvider
        Set-InpaintProvider Local -Default
        Remove-Item Env:INPAINT_PROVIDER, Env:FAL_KEY, Env:INPAINT_MINE_API_KEY -ErrorAction Ignore
    }

    Context 'Providers' {
        It 'include Local, which needs nothing and is the default' {
            $local = Get-InpaintProvider Local
            $local.Kind | Should -Be 'Local'
            $local.IsDefault | Should -BeTrue
            Test-InpaintProvider Local | Should -BeTrue
        }

        It 'are all listed, and by wildcard' {
            (Get-InpaintProvider).Name | Should -Contain 'Fal'
            (Get-InpaintProvider F*).Name | Should -Contain 'Fal'
            (Get-InpaintProvider F*).Name | Should -Not -Contain 'Local'
            'Local', 'Fal' | Get-InpaintProvider | Should -HaveCount 2
        }

        It 'show their parameters with ranges as a list' {
            Get-InpaintProvider Fal | Format-List | Out-String -Width 160 | Should -Match 'Strength \(0\.01-1\)'
        }

        It 'show as a list what docs/providers.md shows: <_>' -ForEach 'Local', 'Fal', 'ChainHub', 'KkiAi', 'ModelsLab' {
            $name = $_
            $documented = @{ Inpaint = @(); Segment = @(); TextToImage = @() }
            $abilities = @{}
            switch -Regex (Get-Content (Join-Path (Split-Path $PSScriptRoot) 'docs/providers.md')) {
                '^### (Repainting|Finding|Text to image)' { $operation = @{ Repainting = 'Inpaint'; Finding = 'Segment'; 'Text to image' = 'TextToImage' }[$Matches[1]] }
                '^\| parameter \| (.+) \|$' { $column = [array]::FindIndex([string[]] ($Matches[1] -split ' \| '), [Predicate[string]] { ($args[0] -split ', ') -contains $name }) }
                '^\| `-(\w+)` \| (.+) \|$' { if ($column -ge 0 -and ($Matches[2] -split ' \| ')[$column] -ne '–') { $documented[$operation] += $Matches[1] } }
                '^Options of (.+), for' { $owners = $Matches[1] -split ', ' }
                '^\| `(\w+)` \| (?!\w+ \| )' { if ($operation -and $owners -contains $name) { $documented[$operation] += $Matches[1] } }
                '^\| (default model|input formats|largest local picture|cancellation|log lines|status updates|list price) \| (.+) \|$' {
                    if ($column -ge 0 -and $operation -eq 'Inpaint') { $abilities[$Matches[1]] = ($Matches[2] -split ' \| ')[$column] -replace '`' }
                }
            }

            $shown = @{}
            switch -Regex ((Get-InpaintProvider $name | Format-List | Out-String -Width 4096) -split '\r?\n') {
                '^(\w+) *: (.*)$' { $label = $Matches[1]; $shown[$label] = @($Matches[2]) }
                '^ {4,}(\S.*)$' { $shown[$label] += $Matches[1] }
            }

            ($shown.Repaints -replace '[ ,(].*' | Sort-Object) -join ' ' | Should -Be (($documented.Inpaint | Sort-Object) -join ' ')
            ($shown.MakesImages -replace '[ ,(].*' | Sort-Object) -join ' ' | Should -Be (($documented.TextToImage | Sort-Object) -join ' ')
            $shown.Model | Should -Be $abilities.'default model'
            $shown.Pictures | Should -Be $abilities.'input formats'
            $shown.LargestPicture | Should -Be $abilities.'largest local picture'
            $shown.Price | Should -Be $abilities.'list price'
            $shown.CanCancel | Should -Be "$($abilities.cancellation -eq 'yes')"
            $shown.HasLogs | Should -Be "$($abilities.'log lines' -eq 'yes')"
            $shown.StreamsStatus | Should -Be "$($abilities.'status updates' -eq 'streamed')"
        }

        It 'show what a provider does with a parameter that is worth a warning' {
            Get-InpaintProvider ChainHub | Format-List | Out-String -Width 4096 | Should -Match '(?s)Warnings +: .*The gateway''s documentation does not list Seed'
        }

        It 'have lists that can be indexed' {
            foreach ($provider in Get-InpaintProvider) {
                $provider.CapabilitiesFor('Inpaint') | Should -BeOfType Inpaint.ProviderCapabilities
                $provider.CapabilitiesFor('Inpaint').Parameters[0].Name | Should -BeOfType string
                $provider.CapabilitiesFor('Inpaint').KnownModels[0] | Should -BeOfType string
                $provider.CapabilitiesFor('Inpaint').CanCancel | Should -BeOfType bool
            }
        }

        It 'show where the key comes from, and never the key' {
            $env:FAL_KEY = 'canary-2'
            $text = Get-InpaintProvider Fal | Format-Table | Out-String -Width 160
            $text | Should -Match 'FAL_KEY'
            foreach ($text in $text, (Get-InpaintProvider Fal | Format-List * | Out-String), (Get-InpaintProvider Fal | ConvertTo-Json -Depth 6)) {
                $text | Should -Not -Match 'canary'
            }
        }
    }

    Context 'Set-InpaintProvider' {
        It 'adds one' {
            Set-InpaintProvider Mine -Kind Fal -BaseUri https://proxy.example/fal -ApiKey k | Should -BeNullOrEmpty
            $mine = Get-InpaintProvider Mine
            $mine.BaseUri | Should -Be 'https://proxy.example/fal'
            $mine.StorageUri | Should -Be 'https://proxy.example/fal'
            $mine.PlatformUri | Should -Be 'https://proxy.example/fal'
            $mine.KeySource | Should -Be 'settings'
        }

        It 'gives it with -PassThru, and makes it the default with -Default' {
            (Set-InpaintProvider Mine -Kind Fal -BaseUri http://127.0.0.1:1234 -Default -PassThru).IsDefault | Should -BeTrue
            (Get-InpaintProvider Local).IsDefault | Should -BeFalse
            Set-InpaintProvider Mine -Default:$false
            (Get-InpaintProvider Local).IsDefault | Should -BeTrue
        }

        It 'does nothing with -WhatIf' {
            Set-InpaintProvider Mine -Kind Fal -BaseUri https://proxy.example -WhatIf
            (Get-InpaintProvider).Name | Should -Not -Contain 'Mine'
        }

        It '<Case> gives <ErrorId>' -ForEach @(
            @{ Case = 'plain http to another host'; ErrorId = 'InsecureTransport'; Line = { Set-InpaintProvider Mine -Kind Fal -BaseUri http://proxy.example -ApiKey k -ErrorAction Stop } }
            @{ Case = 'a new name without kind'; ErrorId = 'ProviderNotFound'; Line = { Set-InpaintProvider Mine -ApiKey k -ErrorAction Stop } }
            @{ Case = 'a new provider without address'; ErrorId = 'InvalidParameter'; Line = { Set-InpaintProvider Mine -Kind Fal -ErrorAction Stop } }
            @{ Case = 'another kind for a known one'; ErrorId = 'InvalidParameter'; Line = { Set-InpaintProvider Local -Kind Fal -ErrorAction Stop } }
        ) {
            $Line | Should -Throw -ErrorId "$ErrorId*,Inpaint.SetInpaintProviderCommand"
        }
    }

    Context 'Choosing' {
        It 'follows INPAINT_PROVIDER' {
            $env:INPAINT_PROVIDER = 'Fal'
            Set-InpaintProvider Local -Default:$false
            (Get-InpaintProvider Fal).IsDefault | Should -BeTrue
        }
    }

    Context 'Removing and testing' {
        It 'forgets one of the user''s own' {
            Set-InpaintProvider Mine -Kind Fal -BaseUri https://proxy.example
            Remove-InpaintProvider Mine -WhatIf
            (Get-InpaintProvider).Name | Should -Contain 'Mine'
            Remove-InpaintProvider Mine
            (Get-InpaintProvider).Name | Should -Not -Contain 'Mine'
        }

        It '<Name> gives ProviderNotFound for an unknown one' -ForEach @{ Name = 'Get-InpaintProvider' }, @{ Name = 'Remove-InpaintProvider' }, @{ Name = 'Test-InpaintProvider' } {
            { & $Name Nobody -ErrorAction Stop } | Should -Throw -ErrorId "ProviderNotFound,Inpaint.$($Name.Replace('-', ''))Command"
        }

        It 'says false, and why, for one that cannot be reached' {
            # What speaks no TLS is not asked again; a closed port would be, with pauses.
            $emulator = Start-Emulator
            try {
                Set-InpaintProvider Mine -Kind Fal -BaseUri "https$($emulator.Uri.Substring(4))" -ApiKey k
                Test-InpaintProvider Mine -WarningVariable why -WarningAction SilentlyContinue | Should -BeFalse
            }
            finally {
                Stop-Emulator
                Remove-InpaintProvider Test
            }
            "$why" | Should -Not -BeNullOrEmpty
        }

        It 'says false, and why, without a key' {
            Set-InpaintProvider Mine -Kind Fal -BaseUri http://127.0.0.1:9
            Test-InpaintProvider Mine -WarningVariable why -WarningAction SilentlyContinue | Should -BeFalse
            "$why" | Should -Match 'key'
        }
    }
}

Describe 'A prompt when no provider was chosen' {
    BeforeAll {
        $dog = New-TestPair -Folder (Join-Path $TestDrive 'unchosen')
        $mask = Join-Path $TestDrive 'unchosen/dog_mask.png'
        $emulator = Start-Emulator
        Remove-InpaintProvider Test
        Set-InpaintProvider Local -Default:$false
        $uris = @{ BaseUri = "$($emulator.Uri)/queue"; SyncUri = "$($emulator.Uri)/run"; StorageUri = "$($emulator.Uri)/rest"; PlatformUri = "$($emulator.Uri)/platform/v1" }
    }

    AfterEach { Get-InpaintProvider | Remove-InpaintProvider; Remove-Item Env:FAL_KEY, Env:INPAINT_PROVIDER -ErrorAction Ignore; Reset-Emulator }
    AfterAll { Stop-Emulator }

    It 'goes to the only one with a key, and that is said before anything is paid' {
        $env:FAL_KEY = 'test-id:test-secret'
        Set-InpaintProvider Fal @uris
        $result = Invoke-Inpaint $dog $mask -Prompt 'an empty bench' -WarningVariable said -WarningAction SilentlyContinue
        $result.Job.Provider | Should -Be 'Fal'
        "$said" | Should -Match 'No provider was chosen: Fal is used, the only one with a key \(FAL_KEY\)'
        (New-InpaintImage 'a bench' -WarningAction SilentlyContinue).Job.Provider | Should -Be 'Fal'
        $said = (Invoke-ShellProgram -NoProfile -Command "Import-Module '$(Get-ModulePath)'; Start-InpaintJob '$dog' '$mask' -Prompt x -WhatIf") -join "`n"
        $said | Should -Match 'Submit a paid job: 1 image .* about \$.* on target "dog.png -> Fal'
        (Invoke-Inpaint $dog $mask).Job.Provider | Should -Be 'Local'
    }

    It 'goes nowhere without a key, also with -WhatIf, and both ways on are named' {
        $stop = @{ Prompt = 'x'; ErrorAction = 'Stop' }
        foreach ($line in { Invoke-Inpaint $dog $mask @stop }, { Invoke-Inpaint $dog $mask @stop -WhatIf }, { Start-InpaintJob $dog $mask @stop }) {
            $failure = $line | Should -Throw -ErrorId 'ApiKeyMissing,*' -PassThru
        }

        $failure.ErrorDetails.RecommendedAction | Should -Match 'Set-InpaintProvider Fal -ApiKey .*leave out Prompt.*Local'
        { New-InpaintImage x -ErrorAction Stop } | Should -Throw -ErrorId 'ApiKeyMissing,*'
        @(Get-InpaintStatus -All | Where-Object Prompt -EQ x) | Should -BeNullOrEmpty
    }

    It 'goes nowhere while several have a key' {
        Set-InpaintProvider Fal @uris -ApiKey 'test-id:test-secret'
        Set-InpaintProvider Mine -Kind Fal @uris -ApiKey 'test-id:test-secret'
        $failure = { Invoke-Inpaint $dog $mask -Prompt x -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Provider,*' -PassThru
        "$failure" | Should -Match 'Fal .*Mine'
        { Invoke-Inpaint $dog $mask -Prompt x -ApiKey 'test-id:test-secret' -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Provider,*'
        (Invoke-Inpaint $dog $mask -Prompt x -Provider Mine).Job.Provider | Should -Be 'Mine'
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'goes to Local when that was chosen, by name, by the environment or as default' {
        $env:FAL_KEY = 'test-id:test-secret'
        (Invoke-Inpaint $dog $mask -Prompt x -Provider Local -WarningAction SilentlyContinue).Job.Provider | Should -Be 'Local'
        $env:INPAINT_PROVIDER = 'Local'
        (Invoke-Inpaint $dog $mask -Prompt x -WarningAction SilentlyContinue).Job.Provider | Should -Be 'Local'
        $env:INPAINT_PROVIDER = ''
        Set-InpaintProvider Local -Default
        (Invoke-Inpaint $dog $mask -Prompt x -WarningAction SilentlyContinue).Job.Provider | Should -Be 'Local'
        { Invoke-Inpaint $dog $mask -Model fal-ai/flux-lora/inpainting -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.Model,*'
    }
}
