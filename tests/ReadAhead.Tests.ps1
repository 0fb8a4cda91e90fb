# A batch reads its input ahead, so that the number of items is known.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $pictures = Join-Path $TestDrive 'pictures'
    $dog = New-TestPair -Folder $pictures
    $mask = Join-Path $pictures 'dog_mask.png'
    $null = Start-Emulator
    $common = @{ Mask = $mask; Provider = 'Test'; Prompt = 'an empty bench' }

    # What a shell of its own writes, because a warning about a pipeline that has ended goes to the host.
    function Invoke-InNewShell([string] $Script) {
        $file = Join-Path $TestDrive script.ps1
        Set-Content $file @"
Import-Module '$(Get-ModulePath)'
Set-InpaintProvider Test -Kind Fal -BaseUri '$((Get-InpaintProvider Test).BaseUri)' -ApiKey test-id:test-secret
$Script
"@
        (Invoke-ShellProgram -NoProfile -NonInteractive -File $file *>&1 | Out-String) -replace '\e\[[\d;]*m'
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'Input that is read ahead' {
    BeforeEach {
        Reset-Emulator
        $done = [System.Collections.Generic.List[object]]::new()
    }

    It 'is counted from the first item on' {
        $null = @($dog) * 4 | Invoke-Inpaint @common -ThrottleLimit 1 -InformationVariable ended
        "$($ended[0])" | Should -Match '^1/4  dog\.png  Test'
    }

    It 'is begun before an item whose error ends the line' {
        $rows = 1..5 | ForEach-Object { [pscustomobject] @{ Image = $dog; Strength = $_ -eq 5 ? 'much' : '0.5' } }
        { $rows | Invoke-Inpaint @common -ThrottleLimit 1 -ErrorAction Stop | ForEach-Object { $done.Add($_) } } | Should -Throw -ErrorId 'InvalidParameter.Strength,Inpaint.InvokeInpaintCommand'
        (Send-Emulator state).paidJobs | Should -BeGreaterOrEqual 3
        $done.Count | Should -BeGreaterOrEqual 3
    }

    It 'has its errors in the order of the items' {
        $rows = 'missing.png', 'much', 'missing.png', 'much' | ForEach-Object { [pscustomobject] @{ Image = $_ -eq 'much' ? $dog : $_; Strength = $_ -eq 'much' ? $_ : '0.5' } }
        @([pscustomobject] @{ Image = $dog }) + $rows | Invoke-Inpaint @common -ThrottleLimit 1 -ErrorVariable bad -ErrorAction SilentlyContinue | Should -HaveCount 1
        $bad.TargetObject | Should -Be $rows
    }

    It 'is told of when the line ends before it is begun' {
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $text = Invoke-InNewShell @"
1..5 | ForEach-Object { if (`$_ -eq 5) { while (-not (Get-InpaintStatus -All)) { }; throw 'bad row' }; Get-Item '$dog' } |
    Invoke-Inpaint -Mask '$mask' -Provider Test -Prompt x -ThrottleLimit 1
"@
        $text | Should -Match 'WARNING: Invoke-Inpaint ended before its input did\. (Cancelled|Cancellation requested, may still complete and be charged): dog\.png \(Test \S+\)\. Not sent: 3 items\.'
        $text | Should -Match 'bad row'
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'is told of when an error ends the line, with the jobs that were begun' {
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $text = Invoke-InNewShell @"
'$dog', '$dog', 'missing.png' | Invoke-Inpaint -Mask '$mask' -Provider Test -Prompt x -ErrorAction Stop
"@
        $text | Should -Match 'WARNING: Invoke-Inpaint was ended by an error\. .*(dog\.png \(Test \S+\)|Not sent: 2 items)\.'
        $text | Should -Match 'missing\.png'
    }

    It 'is not told of when a later command needs no more' {
        $text = Invoke-InNewShell @"
'$dog', '$dog', '$dog' | Invoke-Inpaint -Mask '$mask' -Provider Test -Prompt x -ThrottleLimit 1 | Select-Object -First 1
"@
        $text | Should -Match 'dog\.png +Completed'
        $text | Should -Not -Match 'WARNING'
    }

    It 'is told of when the line is stopped while it waits for room' -Skip:$IsWindows {
        Send-Emulator scripts @{ default = $true; preset = 'heldInProgress' }
        $text = Invoke-InNewShell @"
`$interrupt = "Import-Module '$(Get-ModulePath)'; while (-not (``$env:ALL_READ -and (Get-InpaintStatus -All -WarningAction Ignore | Where-Object IsAccepted))) { }; kill -INT `$PID"
`$null = [powershell]::Create().AddScript(`$interrupt).BeginInvoke()
& { 1..4 | ForEach-Object { Get-Item '$dog' }; `$env:ALL_READ = 1 } | Invoke-Inpaint -Mask '$mask' -Provider Test -Prompt x -ThrottleLimit 1
"@
        $text | Should -Match 'WARNING: Invoke-Inpaint was stopped\. (Cancelled|Cancellation requested, may still complete and be charged): dog\.png \(Test \S+\)\. Not sent: 3 items\.'
        (Send-Emulator state).paidJobs | Should -Be 1
    }
}
