# A key that is given on the line belongs to one provider: no other one is ever called with it.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    $state = Join-Path $TestDrive 'state'
    Import-TestModule $state
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures -Size 256
    $mask = Join-Path $pictures 'dog_mask.png'
    $emulator = Start-Emulator
    Send-Emulator settings @{ falKeys = @('alpha-id:alpha-secret'); gateway = @{ keys = @('beta-key-12345') } } -Method Put
    Send-Emulator scripts @{ preset = 'heldInQueue'; default = $true }
    Set-InpaintProvider Alpha -Kind Fal -BaseUri "$($emulator.Uri)/queue" -SyncUri "$($emulator.Uri)/run" -StorageUri "$($emulator.Uri)/rest" -PlatformUri "$($emulator.Uri)/platform/v1"
    Set-InpaintProvider Beta -Kind FalGateway -BaseUri "$($emulator.Uri)/gateway"
    $keyOfAlpha = 'alpha-id:alpha-secret'
    $alpha = Start-InpaintJob $dog $mask -Prompt x -Provider Alpha -ApiKey $keyOfAlpha
    $beta = Start-InpaintJob $dog $mask -Prompt x -Provider Beta -ApiKey 'beta-key-12345'
    $rows = @('Alpha', 'Beta').ForEach({ [pscustomobject] @{ Image = "$dog"; Mask = $mask; Prompt = 'x'; Provider = $_ } })
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test, Alpha, Beta -ErrorAction Ignore | Remove-InpaintProvider
}

Describe 'A key given on the line' {
    BeforeEach { $null = Send-Emulator requests -Method Delete }

    It 'is refused before any call when it would be two providers'': <Name>' -ForEach @(
        @{ Name = 'the jobs of the journal'; Line = { Get-InpaintStatus -ApiKey $keyOfAlpha } }
        @{ Name = 'Get-InpaintStatus'; Line = { $alpha, $beta | Get-InpaintStatus -ApiKey $keyOfAlpha } }
        @{ Name = 'Get-InpaintStatus with the other one first'; Line = { $beta, $alpha | Get-InpaintStatus -ApiKey $keyOfAlpha } }
        @{ Name = 'ids'; Line = { Get-InpaintStatus -Id $alpha.Id, $beta.Id -ApiKey $keyOfAlpha } }
        @{ Name = 'Wait-InpaintJob'; Line = { $alpha, $beta | Wait-InpaintJob -TimeoutSec 1 -ApiKey $keyOfAlpha } }
        @{ Name = 'Wait-InpaintJob -Any'; Line = { $alpha, $beta | Wait-InpaintJob -Any -TimeoutSec 1 -ApiKey $keyOfAlpha } }
        @{ Name = 'Receive-InpaintJob'; Line = { $alpha, $beta | Receive-InpaintJob -ApiKey $keyOfAlpha } }
        @{ Name = 'Stop-InpaintJob'; Line = { $alpha, $beta | Stop-InpaintJob -ApiKey $keyOfAlpha } }
        @{ Name = 'Save-InpaintImage'; Line = { $alpha, $beta | Save-InpaintImage "$TestDrive/out/" -TimeoutSec 1 -ApiKey $keyOfAlpha } }
        @{ Name = 'Test-InpaintProvider'; Line = { Test-InpaintProvider Alpha, Beta -ApiKey $keyOfAlpha } }
        @{ Name = 'rows for Start-InpaintJob'; Line = { $rows | Start-InpaintJob -ApiKey $keyOfAlpha } }
        @{ Name = 'rows for Invoke-Inpaint'; Line = { $rows | Invoke-Inpaint -TimeoutSec 1 -ApiKey $keyOfAlpha } }
        @{ Name = 'rows for New-InpaintImage'; Line = { $rows | New-InpaintImage -TimeoutSec 1 -ApiKey $keyOfAlpha } }
    ) {
        & $Line -ErrorVariable failure -ErrorAction SilentlyContinue 2>&1 | ForEach-Object { if ($_ -is [System.Management.Automation.ErrorRecord]) { $_ } else { throw "It gave $_." } } | Set-Variable failures
        @($failures) | Should -HaveCount 1
        $failures.FullyQualifiedErrorId | Should -BeLike 'InvalidParameter.ApiKey,*Command'
        "$failures" | Should -Match 'Alpha|Beta'
        "$failures" | Should -Match 'Set-InpaintProvider'
        Send-Emulator requests | Should -BeNullOrEmpty
    }

    It 'goes to the one that the line names, and the other one''s job is that job''s error' {
        $listed = $beta, $alpha | Get-InpaintStatus -Provider Alpha -ApiKey $keyOfAlpha -ErrorVariable failure -ErrorAction SilentlyContinue
        $listed.Id | Should -Be $alpha.Id
        $failure | Should -HaveCount 1
        $failure[0].TargetObject | Should -Be $beta.Id
        @(Send-Emulator 'requests?service=FalGateway') | Should -BeNullOrEmpty
        (Get-InpaintStatus -Provider Alpha -ApiKey $keyOfAlpha).Id | Should -Be $alpha.Id
    }

    It 'goes to the one that all items agree on, and no provider without a key counts' {
        $local = Start-InpaintJob $dog $mask -Provider Local | Wait-InpaintJob
        ($alpha, $local | Get-InpaintStatus -ApiKey $keyOfAlpha).Id | Sort-Object | Should -Be ($alpha.Id, $local.Id | Sort-Object)
        Test-InpaintProvider Alpha -ApiKey $keyOfAlpha | Should -BeTrue
        @(Send-Emulator requests).headers.Authorization | Select-Object -Unique | Should -Be "Key $keyOfAlpha"
    }

    It 'is copied: what becomes of the caller''s SecureString does not matter' {
        $key = ConvertTo-SecureString $keyOfAlpha -AsPlainText
        ($alpha | Get-InpaintStatus -ApiKey $key).State | Should -Be 'InQueue'
        $key.Dispose()
        ($alpha | Get-InpaintStatus -ApiKey $keyOfAlpha).State | Should -Be 'InQueue'
        { $alpha | Get-InpaintStatus -ApiKey $key } | Should -Throw -ErrorId 'ApiKeyMissing,*'

        $key = ConvertTo-SecureString $keyOfAlpha -AsPlainText
        Set-InpaintProvider Alpha -ApiKey $key
        $key.Dispose()
        ($alpha | Get-InpaintStatus).State | Should -Be 'InQueue'
    }

    It 'is an error when it is <Value>' -ForEach @(
        @{ Value = 'empty'; Key = '' }
        @{ Value = 'null, as an unset variable makes it'; Key = $null }
        @{ Value = 'blank'; Key = ' ' }
        @{ Value = 'an empty SecureString'; Key = [securestring]::new() }
    ) {
        { Set-InpaintProvider Alpha -ApiKey $Key -ErrorAction Stop } | Should -Throw -ErrorId 'ApiKeyMissing,*'
        { Get-InpaintStatus -ApiKey $Key } | Should -Throw -ErrorId 'ApiKeyMissing,*'
        { $dog | Start-InpaintJob -Mask $mask -Provider Alpha -Prompt x -ApiKey $Key } | Should -Throw -ErrorId 'ApiKeyMissing,*'
        Send-Emulator requests | Should -BeNullOrEmpty
    }

    It 'goes with the module' {
        Invoke-ShellProgram -NoProfile -Command "`$ErrorActionPreference = 'Stop'
            Import-Module '$(Get-ModulePath)'; Set-InpaintProvider Fal -ApiKey a:b
            1 | ForEach-Object -Parallel { Import-Module '$(Get-ModulePath)'; (Get-InpaintProvider Fal).KeySource }
            Remove-Module Inpaint; Import-Module '$(Get-ModulePath)'; `"now: `$((Get-InpaintProvider Fal).KeySource)`"" | Should -Be 'settings', 'now: '
    }
}

Describe 'A question' {
    It 'whether a provider is there is asked once' {
        Set-InpaintProvider Nobody -Kind Fal -BaseUri 'http://127.0.0.1:9' -ApiKey 'a:b'
        Test-InpaintProvider Nobody -WarningVariable said -WarningAction SilentlyContinue | Should -BeFalse
        "$said" | Should -Match 'refused'
        Remove-InpaintProvider Nobody
    }
}

Describe 'Many jobs' {
    It 'are asked about a few at a time' {
        $many = @("$dog") * 40 | ForEach-Object { [pscustomobject] @{ Image = $_ } } | Start-InpaintJob -Mask $mask -Prompt x -Provider Alpha -ApiKey $keyOfAlpha
        $many | Get-InpaintStatus -Provider Alpha -ApiKey $keyOfAlpha | Should -HaveCount 40
        $many | Receive-InpaintJob -Provider Alpha -ApiKey $keyOfAlpha -WarningAction Ignore | Should -BeNullOrEmpty
        $many | Stop-InpaintJob -Provider Alpha -ApiKey $keyOfAlpha | Should -HaveCount 40
        (Send-Emulator state).mostRequestsInFlight | Should -BeLessOrEqual 8
    }
}

Describe 'What a single item does wrong' {
    It 'is that item''s error: <Name>' -ForEach @(
        @{ Name = 'a blank id'; Id = 'JobNotFound'; Good = 1; Line = { '', $beta.Id, ' ' | Get-InpaintStatus -ApiKey 'beta-key-12345' }; Errors = 2 }
        @{ Name = 'an empty cell'; Id = 'JobNotFound'; Good = 1; Line = { [pscustomobject] @{ Id = '' }, [pscustomobject] @{ Id = $beta.Id } | Get-InpaintStatus -ApiKey 'beta-key-12345' }; Errors = 1 }
        @{ Name = 'a body that contains itself'; Id = 'InvalidParameter'; Good = 0; Line = { $body = @{}; $body.a = $body; $body.b = $body; $dog, $dog | Start-InpaintJob -Mask $mask -Provider Alpha -ApiKey $keyOfAlpha -Prompt x -AdditionalBody $body }; Errors = 2 }
        @{ Name = 'an id that nobody knows, to be saved'; Id = 'JobNotFound'; Good = 0; Line = { Save-InpaintImage -InputObject nobody -Path "$TestDrive/out/" }; Errors = 1 }
    ) {
        $given = & $Line 2>&1
        $failures = @($given | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        $failures | Should -HaveCount $Errors
        $failures.FullyQualifiedErrorId | ForEach-Object { $_ | Should -BeLike "$Id*,*" }
        @($given).Count - $Errors | Should -Be $Good
    }

    It 'names the item' {
        $empty = New-TestPicture -Path "$pictures/empty.png" -Width 256 -Height 256 -Kind Empty
        $small = New-TestPicture -Path "$pictures/small.png" -Width 32 -Height 32
        $rows = @{ Image = "$dog"; Mask = "$empty" }, @{ Image = "$small"; Mask = $mask }, @{ Image = "$dog"; Mask = $mask; Size = 'nonsense' }, @{ Image = "$pictures/none.png"; Mask = $mask }
        $null = $rows.ForEach({ [pscustomobject] $_ }) | Invoke-Inpaint -Provider Alpha -ApiKey $keyOfAlpha -Prompt x -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure | Should -HaveCount 4
        # In the order of the rows, but for what is wrong with a row by itself.
        foreach ($name in 'dog.png', 'small.png', 'none.png') { @($failure -match [regex]::Escape($name)).Count | Should -BeGreaterThan 0 }
        $failure | ForEach-Object { "$_" | Should -Match '(dog|small|none)\.png'; $_.Exception.Message | Should -Be "$_" }
    }

    It 'is an error when a provider is named that nobody has' {
        Get-InpaintStatus -Provider Fla -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ProviderNotFound,*'
        Remove-InpaintJob -All -Provider Fla -Confirm:$false -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ProviderNotFound,*'
    }

    It 'keeps a paid job where nobody can be asked' {
        $said = Invoke-ShellProgram -NoProfile -NonInteractive -Command "`$env:INPAINT_HOME = '$state'
            Import-Module '$(Get-ModulePath)'; Remove-InpaintJob -All -Provider Alpha -ErrorVariable e -ErrorAction SilentlyContinue; `$e.FullyQualifiedErrorId; (Get-InpaintStatus -All -Provider Alpha -WarningAction Ignore).Count; Remove-InpaintJob -All -Provider Alpha -Confirm:`$false"
        $said[0] | Should -Be 'InvalidParameter.Confirm,Inpaint.RemoveInpaintJobCommand'
        [int] $said[-1] | Should -BeGreaterThan 0
        Get-InpaintStatus -All -Provider Alpha -WarningAction Ignore | Should -BeNullOrEmpty
    }
}
