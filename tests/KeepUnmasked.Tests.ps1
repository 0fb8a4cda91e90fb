BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $emulator = Start-Emulator
    $line = @{ Provider = 'Test'; Prompt = 'an empty bench' }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test* | Remove-InpaintProvider
}

Describe '-KeepUnmasked' {
    BeforeEach {
        Reset-Emulator
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
        $dog = New-TestPair -Folder $folder
        Push-Location $folder
    }

    AfterEach { Pop-Location }

    It 'changes nothing outside the mask, where the service alone does' {
        $file = Invoke-Inpaint dog.png dog_mask.png @line -KeepUnmasked | Save-InpaintImage out/
        $file.Name | Should -Be dog-inpaint.png
        $report = $file | Compare-InpaintImage dog.png -Mask dog_mask.png
        $report.ChangedPixels | Should -Be 0
        ($file | Compare-InpaintImage dog.png).ChangedPixels | Should -BeGreaterThan 200
        $plain = Invoke-Inpaint dog.png dog_mask.png @line -OutputFormat png | Save-InpaintImage plain/
        ($plain | Compare-InpaintImage dog.png -Mask dog_mask.png).ChangedShare | Should -BeGreaterThan 0.5
    }

    It 'keeps it for jobs that are started now and collected from another form of themselves' {
        Start-InpaintJob dog.png dog_mask.png @line -KeepUnmasked -Feather 0 | ConvertTo-Json | Set-Content job.json
        Start-InpaintJob dog.png dog_mask.png @line -KeepUnmasked -Seed 3 | Export-Clixml job.xml
        $files = @(Get-Content job.json -Raw | ConvertFrom-Json | Save-InpaintImage out/) + (Import-Clixml job.xml | Receive-InpaintJob -Wait | Save-InpaintImage out/)
        $files | Should -HaveCount 2
        ($files | Compare-InpaintImage dog.png -Mask dog_mask.png).ChangedPixels | Should -Be @(0, 0)
    }

    It 'attaches to a job that was made before, and keeps there as well' {
        $null = Start-InpaintJob dog.png dog_mask.png @line -KeepUnmasked
        $file = Invoke-Inpaint dog.png dog_mask.png @line -KeepUnmasked -Resume | Save-InpaintImage out/
        ($file | Compare-InpaintImage dog.png -Mask dog_mask.png).IsUnchanged | Should -BeTrue
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'takes bytes, and a width of the blend from a row' {
        $bytes = [System.IO.File]::ReadAllBytes($dog.FullName)
        $file = , $bytes | Invoke-Inpaint -Mask dog_mask.png @line -KeepUnmasked | Save-InpaintImage out/
        ($file | Compare-InpaintImage dog.png -Mask dog_mask.png).IsUnchanged | Should -BeTrue
        $jobs = 'Image,Mask,Feather', 'dog.png,dog_mask.png,2', 'dog.png,dog_mask.png,' | ConvertFrom-Csv | Start-InpaintJob @line -KeepUnmasked
        ($jobs.Placement.Feather | Sort-Object) | Should -Be @(1, 2)
    }

    It 'keeps it for every picture of a batch' {
        foreach ($n in 1..6) { $null = New-TestPair -Folder $folder -Name "shot$n" -Shade $n }
        $files = Get-ChildItem shot*.png -Exclude *_mask.png | Invoke-Inpaint -Mask { $_ -replace '\.png$', '_mask.png' } @line -Count 2 -KeepUnmasked -ThrottleLimit 6 | Save-InpaintImage out/
        $files | Should -HaveCount 12
        foreach ($file in $files) {
            $name = $file.Name.Substring(0, 5)
            ($file | Compare-InpaintImage "$name.png" -Mask "${name}_mask.png").ChangedPixels | Should -Be 0
        }
    }

    It 'hands over what the service made when the original is gone' {
        $job = Start-InpaintJob dog.png dog_mask.png @line -KeepUnmasked
        Remove-Item dog.png
        $result = $job | Receive-InpaintJob -Wait -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -HaveCount 1
        $warning[0] | Should -BeLike '*returned unmodified*dog.png*'
        $result | Save-InpaintImage out/ | Should -HaveCount 1
    }
}
