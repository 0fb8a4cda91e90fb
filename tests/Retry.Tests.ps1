# The rows of a batch that failed: they come back as they were, and say whether it makes sense to run them again.

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $null = New-TestPair -Folder $pictures
    $null = New-TestPair -Folder $pictures -Name cat -Shade 5
    $null = Start-Emulator
    Push-Location $pictures
    @'
Image,Mask,Prompt,Strength,Note
dog.png,dog_mask.png,an empty bench,,first
missing.png,dog_mask.png,a bench,,no picture
cat.png,cat_mask.png,a bench,much,no number
dog.png,cat.png,a bench,3,out of range
cat.png,cat_mask.png,a bench,0.5,last
'@ | Set-Content jobs.csv
}

AfterAll {
    Pop-Location
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'The rows that failed' {
    BeforeEach {
        Reset-Emulator
    }

    It 'come back through a CSV file, column for column, and can be corrected and piped in again' {
        $results = Import-Csv jobs.csv | Invoke-Inpaint -Provider Test -ErrorVariable bad -ErrorAction SilentlyContinue
        $results | Should -HaveCount 2
        $bad.TargetObject | Export-Csv retry.csv
        Get-Content retry.csv | Should -Be @(
            '"Image","Mask","Prompt","Strength","Note"'
            '"missing.png","dog_mask.png","a bench","","no picture"'
            '"cat.png","cat_mask.png","a bench","much","no number"'
            '"dog.png","cat.png","a bench","3","out of range"')
        $again = Import-Csv retry.csv | ForEach-Object { $_.Image = 'cat.png'; $_.Mask = 'cat_mask.png'; $_.Strength = 0.8; $_ } | Invoke-Inpaint -Provider Test
        $again.Row.Note | Sort-Object | Should -Be 'no number', 'no picture', 'out of range'
    }

    It 'are the objects that were piped in, also where the provider refuses the job' {
        $rows = Import-Csv jobs.csv | Select-Object -First 1
        $null = $rows | Invoke-Inpaint -Provider Test -ApiKey 'not-the-key' -ErrorVariable bad -ErrorAction SilentlyContinue
        $bad.FullyQualifiedErrorId | Should -Be 'AuthenticationFailed,Inpaint.InvokeInpaintCommand'
        $bad.Exception.IsTransient | Should -BeFalse
        [object]::ReferenceEquals($bad[0].TargetObject, $rows) | Should -BeTrue
        $bad.TargetObject.Note | Should -Be 'first'
    }

    It 'say of a job that failed whether a new one may succeed, and do so for ever after' {
        $rows = Import-Csv jobs.csv | Where-Object Note -In first, last
        Send-Emulator scripts @{ preset = 'immediate'; error = 'Runner disconnected'; errorType = 'runner_disconnected' }
        Send-Emulator scripts @{ preset = 'immediate'; error = 'Bad request'; errorType = 'bad_request' }
        $rows | Invoke-Inpaint -Provider Test -ThrottleLimit 1 -ErrorVariable bad -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $bad.FullyQualifiedErrorId | Should -Be 'JobFailed,Inpaint.InvokeInpaintCommand', 'InvalidParameter,Inpaint.InvokeInpaintCommand'
        $bad.Exception.IsTransient | Should -Be $true, $false
        $bad.TargetObject.Note | Should -Be 'first', 'last'
        $bad[0].ErrorDetails.RecommendedAction | Should -Match 'The failure may be transient: run the command again later\.$'
        # One after the other: errors of jobs that are collected together come as they are known.
        $bad.Exception.RequestId | ForEach-Object { Get-InpaintStatus -Id $_ | Receive-InpaintJob -ErrorVariable +again -ErrorAction SilentlyContinue } | Should -BeNullOrEmpty
        $again.Exception.IsTransient | Should -Be $true, $false
    }

    It 'say whether the same line may succeed later' {
        Set-InpaintProvider Gone -Kind Fal -BaseUri 'http://127.0.0.1:9/queue' -ApiKey 'a-key'
        $row = Import-Csv jobs.csv | Select-Object -First 1
        $null = $row | Invoke-Inpaint -Provider Gone -MaximumRetryCount 0 -ErrorVariable unreachable -ErrorAction SilentlyContinue
        $unreachable.FullyQualifiedErrorId | Should -Be 'ProviderUnavailable,Inpaint.InvokeInpaintCommand'
        $unreachable.Exception.IsTransient | Should -BeTrue
        Import-Csv jobs.csv | Invoke-Inpaint -Provider Test -ErrorVariable bad -ErrorAction SilentlyContinue | Out-Null
        $bad.Exception.IsTransient | Should -Be $false, $false, $false
        Get-InpaintProvider Gone | Remove-InpaintProvider
    }
}
