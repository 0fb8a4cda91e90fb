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

        It 'have lists that can be indexed' {
            foreach ($provider in Get-InpaintProvider) {
                $provider.Capabilities[0] | Should -BeOfType Inpaint.ProviderCapabilities
                $provider.Capabilities[0].Parameters[0].Name | Should -Be 'Image'
                $provider.Capabilities[0].KnownModels[0] | Should -BeOfType string
                $provider.Capabilities[0].CanCancel | Should -BeOfType bool
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
            $mine.KeySource | Should -Be 'Set-InpaintProvider'
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
            $Line | Should -Throw -ErrorId "$ErrorId,Inpaint.SetInpaintProviderCommand"
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
            Set-InpaintProvider Mine -Kind Fal -BaseUri http://127.0.0.1:9 -ApiKey k
            Test-InpaintProvider Mine -WarningVariable why -WarningAction SilentlyContinue | Should -BeFalse
            "$why" | Should -Not -BeNullOrEmpty
        }

        It 'says false, and why, without a key' {
            Set-InpaintProvider Mine -Kind Fal -BaseUri http://127.0.0.1:9
            Test-InpaintProvider Mine -WarningVariable why -WarningAction SilentlyContinue | Should -BeFalse
            "$why" | Should -Match 'key'
        }
    }
}
