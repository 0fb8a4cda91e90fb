# Pictures from prompts, and pictures on their way.
BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $emulator = Start-Emulator
    $common = @{ Provider = 'Test'; Size = '64x48'; OutputFormat = 'png' }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test* | Remove-InpaintProvider
}

Describe 'Previews' {
    BeforeEach {
        Reset-Emulator
        $previews = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'are written as they come, the last one being the result' {
        $result = New-InpaintImage 'a quiet lawn' @common -PreviewPath $previews
        $files = Get-ChildItem $previews
        $files | Should -HaveCount 4
        $files.Name | Should -BeLike 'a-quiet-lawn-preview-*-0?.png'
        ($files | Get-FileHash).Hash | Select-Object -Unique | Should -HaveCount 4
        $saved = $result | Save-InpaintImage "$TestDrive/out/"
        (Get-FileHash $saved).Hash | Should -Be (Get-FileHash $files[-1]).Hash
        (Send-Emulator state).paidJobs | Should -Be 1
        (Get-InpaintStatus -All).Id | Should -Contain $result.Job.Id
    }

    It 'are told on the verbose stream, each with its file' {
        $lines = New-InpaintImage 'a lawn' @common -PreviewPath $previews -Verbose 4>&1 | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] -and $_.Message -match 'preview \d' }
        $lines | Should -HaveCount 4
        $lines[0].Message | Should -BeLike '*preview 01: *-01.png'
    }

    It 'take a folder of the session, relative to its location and through its drives' {
        $null = New-PSDrive Shots FileSystem $TestDrive
        Push-Location Shots:/
        try { $null = New-InpaintImage 'a lawn' @common -PreviewPath 'by drive' } finally { Pop-Location }
        Get-ChildItem (Join-Path $TestDrive 'by drive') | Should -HaveCount 4
        { New-InpaintImage 'a lawn' @common -PreviewPath Env:/x -ErrorAction Stop } | Should -Throw -ErrorId 'OutputWriteFailed,*'
    }

    It 'make no folder and send nothing with -WhatIf' {
        New-InpaintImage 'a lawn' @common -PreviewPath $previews -WhatIf
        $previews | Should -Not -Exist
        (Send-Emulator state).requests | Should -Be 0
    }

    It 'of several jobs at once do not mix' {
        $results = 'a lawn', 'a lawn', 'a lawn' | New-InpaintImage @common -PreviewPath $previews -ThrottleLimit 3
        $results | Should -HaveCount 3
        Get-ChildItem $previews | Group-Object { $_.BaseName -replace '-\d+$' } | ForEach-Object Count | Should -Be 4, 4, 4
    }

    It 'that break off leave the outcome open, pay once, and name the last picture' {
        Send-Emulator faults @{ operation = 'RunStream'; faults = @(@{ kind = 'truncate'; events = 2 }) }
        $failure = { New-InpaintImage 'a lawn' @common -PreviewPath $previews -ErrorAction Stop } | Should -Throw -ErrorId 'SubmissionUncertain,Inpaint.NewInpaintImageCommand' -PassThru
        "$failure" | Should -BeLike "*-02.png*"
        (Send-Emulator state).paidJobs | Should -Be 1
        (Get-InpaintStatus).State | Should -Contain 'Uncertain'
    }

    It 'are refused before anything is sent by <Kind>, naming who has them' -ForEach @(
        @{ Kind = 'FalGateway'; Base = '/gateway'; Key = 'test-token' }
        @{ Kind = 'ModelsLab'; Base = '/modelslab/api/v6'; Key = 'test-key' }
    ) {
        Set-InpaintProvider "Test$Kind" -Kind $Kind -BaseUri "$($emulator.Uri)$Base" -ApiKey $Key
        $failure = { New-InpaintImage 'a lawn' -Provider "Test$Kind" -PreviewPath $previews -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter.PreviewPath,*' -PassThru
        $failure.Exception.Message | Should -BeLike '*PreviewPath*Fal*'
        (Send-Emulator state).requests | Should -Be 0
    }
}
