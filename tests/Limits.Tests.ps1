BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1') -Force
    Import-TestModule -StateFolder (Join-Path $TestDrive 'state')
    $null = Start-Emulator
    $script:dog = (New-TestPair -Folder (Join-Path $TestDrive 'pictures')).FullName
    $script:mask = $dog -replace '\.png$', '_mask.png'
}

AfterAll {
    Stop-Emulator
    Remove-Module Inpaint
}

Describe 'A provider that takes fewer jobs at once than it is sent' {
    BeforeAll {
        Reset-Emulator
        Send-Emulator settings @{ jobLimit = 3 } -Method Put
        Send-Emulator scripts @{ default = $true; steps = @(@{ phase = 'inProgress' }); stepSeconds = 0.1 }
        $script:results = 1..24 | ForEach-Object { [pscustomobject] @{ Image = $dog; Mask = $mask; Seed = $_ } } |
            Invoke-Inpaint -Provider Test -Prompt bench -ThrottleLimit 12 -ErrorVariable failures
        $script:refused = @(Send-Emulator 'requests?operation=submit' | Where-Object status -EQ 429).Count
    }

    It 'runs them all, and each is paid for once' {
        $failures | Should -BeNullOrEmpty
        $results | Should -HaveCount 24
        @($results.Job.Id | Sort-Object -Unique) | Should -HaveCount 24
        (Send-Emulator state).paidJobs | Should -Be 24
    }

    It 'is refused few, and the next command begins with what was learnt' {
        $refused | Should -BeGreaterThan 0
        $refused | Should -BeLessOrEqual (9 + 8)
        $null = 1..9 | ForEach-Object { [pscustomobject] @{ Image = $dog; Mask = $mask; Seed = 100 + $_ } } | Invoke-Inpaint -Provider Test -Prompt bench -ThrottleLimit 9
        @(Send-Emulator 'requests?operation=submit' | Where-Object status -EQ 429).Count - $refused | Should -BeLessOrEqual 3
    }
}
