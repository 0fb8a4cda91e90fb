BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $dog = New-TestPair -Folder (Join-Path $TestDrive 'pictures')
    $mask = Join-Path $TestDrive 'pictures/dog_mask.png'
}

Describe 'A job' {
    BeforeAll {
        $job = Start-InpaintJob $dog $mask -Seed 9
    }

    It 'is given as soon as it is accepted' {
        $job | Should -BeOfType Inpaint.InpaintJob
        $job.Id | Should -Not -BeNullOrEmpty
        $job.Provider | Should -Be 'Local'
        $job.Source | Should -Be $dog.FullName
    }

    It 'can be waited for, asked about, and collected' {
        ($job | Wait-InpaintJob).State | Should -Be 'Completed'
        ($job | Get-InpaintStatus).State | Should -Be 'Completed'
        ($job | Receive-InpaintJob -Wait).Seed | Should -Be 9
    }

    It 'is found by its id, also by the beginning of it' {
        (Get-InpaintStatus -Id $job.Id).Id | Should -Be $job.Id
        (Get-InpaintStatus $job.Id.Substring(0, 8)).Id | Should -Be $job.Id
        (Get-InpaintJob -Id $job.Id -Provider Local).Id | Should -Be $job.Id
        ($job.Id | Get-InpaintStatus).Id | Should -Be $job.Id
        ([pscustomobject] @{ Id = $job.Id } | Get-InpaintStatus).Id | Should -Be $job.Id
    }

    It 'is shown under an id that finds it, also while the provider has named none' {
        $uncertain = [Inpaint.InpaintJob] @{ Id = '20260102T030405678-0123456789ab'; JournalId = '20260102T030405678-0123456789ab'; Provider = 'Fal'; State = 'Uncertain' }
        ($uncertain | Format-Table | Out-String) | Should -Match '(?m) 0123456789ab\s*$'
        ([Inpaint.InpaintJob] @{ Id = 'acf05732-7cb3-445b-9f39-fdaeccb1d730'; State = 'InQueue'; QueuePosition = 2 } | Format-Table | Out-String) | Should -Match '(?m)InQueue \(#2\).* acf05732\s*$'
        ([Inpaint.InpaintJob] @{ Id = 'acf05732-7cb3-445b-9f39-fdaeccb1d730'; State = 'InQueue'; QueuePosition = 0 } | Format-Table | Out-String) | Should -Match '(?m)InQueue  .* acf05732\s*$'
        ([Inpaint.InpaintJob] @{ Id = 'acf05732-7cb3-445b-9f39-fdaeccb1d730'; State = 'InProgress'; StopOutcome = 'CancellationRequested' } | Format-Table | Out-String) | Should -Match 'Stopping'
    }

    It 'is listed until its pictures are saved' {
        (Get-InpaintStatus).Id | Should -Contain $job.Id
        $null = $job | Save-InpaintImage -Path "$TestDrive/saved.png"
        (Get-InpaintStatus).Id | Should -Not -Contain $job.Id
        (Get-InpaintStatus -All).Id | Should -Contain $job.Id
        (Get-InpaintStatus -All -Provider Fal).Id | Should -Not -Contain $job.Id
    }

    It 'is shown as a table that begins with the picture' {
        $text = $job | Get-InpaintStatus | Format-Table | Out-String -Width 160
        $text | Should -Match 'Picture\s+State\s+Provider\s+Age\s+Cost\s+Id\s+Prompt'
        $text | Should -Match "(?m)^dog\.png\s+Completed\s+Local\s+\d+[smhd]\s+$($job.Id.Substring(0, 8))"
    }

    It 'still works when it came back from <Form>' -ForEach @(
        @{ Form = 'JSON'; Convert = { param($j) $j | ConvertTo-Json | ConvertFrom-Json } }
        @{ Form = 'JSON with names for enumerations'; Convert = { param($j) $j | ConvertTo-Json -EnumsAsStrings | ConvertFrom-Json } }
        @{ Form = 'Clixml'; Convert = { param($j) $j | Export-Clixml "$TestDrive/job.xml"; Import-Clixml "$TestDrive/job.xml" } }
        @{ Form = 'another process'; Convert = { param($j) $j | Export-Clixml "$TestDrive/job.xml"
                Invoke-ShellProgram -NoProfile -Command "Import-Module '$(Get-ModulePath)'; Import-Clixml '$TestDrive/job.xml' | Get-InpaintStatus | Export-Clixml '$TestDrive/job2.xml'"
                Import-Clixml "$TestDrive/job2.xml" } }
    ) {
        $back = & $Convert $job
        $back | Should -Not -BeOfType Inpaint.InpaintJob
        ($back | Get-InpaintStatus).State | Should -Be 'Completed'
        (Get-InpaintStatus -Job $back).Id | Should -Be $job.Id
        ($back | Receive-InpaintJob).Seed | Should -Be 9
        ($back | Save-InpaintImage -Path "$TestDrive/back.png" -Force).Name | Should -Be 'back.png'
        ($back | Format-Table | Out-String -Width 160) | Should -Match 'Local'
    }

    It 'still works when only a few of its properties are left' {
        ($job | Select-Object Id, Provider, State | Get-InpaintStatus).State | Should -Be 'Completed'
        ($job | Select-Object Id, Provider | Get-InpaintStatus).State | Should -Be 'Completed'
        ($job | Select-Object Id, Provider, State | Receive-InpaintJob).Seed | Should -Be 9
    }

    It 'keeps everything it knows on the way through Clixml and JSON' {
        $data = [System.Collections.Generic.Dictionary[string, string]]::new()
        $data['responseUrl'] = 'https://queue.fal.run/a/b/requests/x'
        $full = [Inpaint.InpaintJob]@{
            Id = 'x'; Provider = 'Fal'; State = 'InQueue'; QueuePosition = 3; CreatedAt = [datetimeoffset]::new(2026, 11, 20, 14, 2, 3, [timespan]::FromHours(2)); Count = 2
            Cost = [Inpaint.InpaintCost]::new(0.037, 'USD', $true); StopOutcome = 'CancellationRequested'
            ProviderData = $data
            Logs = [Inpaint.InpaintLogEntry[]]@([Inpaint.InpaintLogEntry]::new('2026-11-20T14:02:03Z', 'denoising 14/28', 'INFO'))
        }
        $full | Export-Clixml "$TestDrive/full.xml"
        $transformation = [Inpaint.Binding.JobTransformationAttribute]::new()
        foreach ($back in (Import-Clixml "$TestDrive/full.xml"), ($full | ConvertTo-Json | ConvertFrom-Json)) {
            $again = $transformation.Transform($ExecutionContext, $back)[0]
            $again.GetType().FullName | Should -Be 'Inpaint.InpaintJob'
            $again.State | Should -Be 'InQueue'
            $again.QueuePosition | Should -Be 3
            $again.CreatedAt.UtcDateTime | Should -Be $full.CreatedAt.UtcDateTime
            $again.Cost.Amount | Should -Be 0.037
            $again.StopOutcome | Should -Be 'CancellationRequested'
            $again.ProviderData['responseUrl'] | Should -Be 'https://queue.fal.run/a/b/requests/x'
            $again.Logs[0].Message | Should -Be 'denoising 14/28'
        }
    }
}

Describe 'Stopping' {
    It 'says that a finished job was finished' {
        $job = Start-InpaintJob $dog $mask | Wait-InpaintJob
        ($job | Stop-InpaintJob).StopOutcome | Should -Be 'AlreadyCompleted'
    }

    It 'does nothing with -WhatIf' {
        $job = Start-InpaintJob $dog $mask
        $job | Stop-InpaintJob -WhatIf | Should -BeNullOrEmpty
        ($job | Wait-InpaintJob).State | Should -Be 'Completed'
    }
}

Describe 'Removing' {
    It 'makes the journal forget it' {
        $job = Start-InpaintJob $dog $mask | Wait-InpaintJob
        $job | Remove-InpaintJob -WhatIf
        (Get-InpaintStatus -All).Id | Should -Contain $job.Id
        $job | Remove-InpaintJob | Should -BeNullOrEmpty
        (Get-InpaintStatus -All).Id | Should -Not -Contain $job.Id
    }
}

Describe 'Waiting' {
    It 'gives every job as it finishes' {
        $jobs = 1..3 | ForEach-Object { Start-InpaintJob $dog $mask -Seed $_ }
        $jobs | Wait-InpaintJob | Should -HaveCount 3
    }

    It 'gives one with -Any' {
        $jobs = 1..3 | ForEach-Object { Start-InpaintJob $dog $mask -Seed $_ }
        $jobs | Wait-InpaintJob -Any | Should -HaveCount 1
        $null = $jobs | Wait-InpaintJob
    }
}

Describe 'An unknown job' {
    It '<Name> gives JobNotFound' -ForEach @(
        @{ Name = 'Get-InpaintStatus'; Class = 'GetInpaintStatusCommand' }
        @{ Name = 'Wait-InpaintJob'; Class = 'WaitInpaintJobCommand' }
        @{ Name = 'Receive-InpaintJob'; Class = 'ReceiveInpaintJobCommand' }
        @{ Name = 'Stop-InpaintJob'; Class = 'StopInpaintJobCommand' }
        @{ Name = 'Remove-InpaintJob'; Class = 'RemoveInpaintJobCommand' }
    ) {
        & $Name -Id nobody-knows-this -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "JobNotFound,Inpaint.$Class"
        $failure[0].TargetObject | Should -Be 'nobody-knows-this'
    }

    It 'does not keep the others from being asked about' {
        $job = Start-InpaintJob $dog $mask | Wait-InpaintJob
        $given = 'nobody-knows-this', $job.Id | Get-InpaintStatus -ErrorAction SilentlyContinue -ErrorVariable failure
        $given.Id | Should -Be $job.Id
        $failure | Should -HaveCount 1
    }
}

Describe 'No job at all' {
    It 'is what the error speaks of: <Name>' -ForEach @(
        @{ Name = 'Stop-InpaintJob'; Line = { Stop-InpaintJob -Job $null } }
        @{ Name = 'Get-InpaintStatus'; Line = { Get-InpaintStatus -Job $null } }
        @{ Name = 'Save-InpaintImage'; Line = { Save-InpaintImage -InputObject $null } }
    ) {
        $Line | Should -Throw -ErrorId 'ParameterArgumentValidationErrorNullNotAllowed,*' -ExpectedMessage '*it is null*'
    }
}
