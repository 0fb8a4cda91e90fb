# The scripts in samples, run on the pictures in samples. The service that they use is the emulator.

BeforeDiscovery {
    $scripts = Get-ChildItem $PSScriptRoot/../samples/*.ps1 | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $samples = Join-Path (Split-Path $PSScriptRoot) samples
    $emulator = Start-Emulator
    $uris = Get-EmulatorUri (Get-ProviderUnderTest).Where({ $_.Kind -eq 'Fal' })[0]
    Set-InpaintProvider Fal @uris -ApiKey test-id:test-secret
    $run = [System.Collections.Generic.HashSet[string]]::new()

    # Runs a script in the folder of the test.
    function Invoke-Sample([string] $Name, [hashtable] $Parameters = @{}) {
        $null = $run.Add("$Name.ps1")
        & "$samples/$Name.ps1" @Parameters
    }
}

AfterAll {
    Get-InpaintProvider | Remove-InpaintProvider
    Stop-Emulator
}

Describe 'The sample' {
    BeforeEach {
        Reset-Emulator
        Get-InpaintStatus -All | Remove-InpaintJob -Confirm:$false
        Push-Location (New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid())))
    }

    AfterEach { Pop-Location }

    It 'remove-date-stamp takes the orange digits off, and nothing else' {
        $file = Invoke-Sample remove-date-stamp
        $file.FullName | Should -Be (Join-Path $PWD out dated-inpaint.png)
        $part = New-InpaintMask $samples/pictures/dated.png -Rectangle BottomRight, 55%, 25% -Path part.png
        ($file | Compare-InpaintImage $samples/pictures/dated.png -Mask $part).IsUnchanged | Should -BeTrue
        $orange = New-InpaintMask $file -Color '#ff8514' -Tolerance 45 -Path orange.png -WarningAction Ignore
        (Test-InpaintMask $file $orange -Detailed).ErrorId | Should -Be 'MaskEmpty'
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'batch-from-csv repaints the good rows and warns of the broken one' {
        Copy-Item $samples/pictures/*.png, $samples/pictures/jobs.csv .
        'missing.png,ball_mask.png,,a dog,Nothing' | Add-Content jobs.csv
        $files = Invoke-Sample batch-from-csv @{ Csv = 'jobs.csv' } 3> warnings.txt
        $files.Name | Sort-Object | Should -Be 'ball-inpaint.jpg', 'dated-inpaint.jpg'
        Get-Content warnings.txt -Raw | Should -Match '^missing\.png: There is no file'
        (Send-Emulator state).paidJobs | Should -Be 2
    }

    It 'text-to-image makes one picture for each prompt' {
        $files = Invoke-Sample text-to-image
        $files | Should -HaveCount 2
        $files.Inpaint.Prompt | Sort-Object | Should -Be 'a lighthouse at dusk', 'a stone bench in an autumn park'
    }

    It 'find-and-replace finds the ball, and leaves all else as it was' {
        $file = Invoke-Sample find-and-replace
        @(Send-Emulator 'requests?operation=Submit') | Should -HaveCount 2
        $mask = Get-Item out/ball-inpaint_mask.png
        ($file | Where-Object Name -NotLike *_mask.png | Compare-InpaintImage $samples/pictures/ball.png -Mask $mask).IsUnchanged | Should -BeTrue
    }

    It 'compare shows that only -KeepUnmasked keeps every pixel' {
        $redrawn, $kept = Invoke-Sample compare
        $redrawn.IsUnchanged, $kept.IsUnchanged | Should -Be $false, $true
        $redrawn.ChangedPixels | Should -BeGreaterThan 0
        'out/ball-redrawn_difference.png' | Should -Exist
    }

    It 'gallery shows a picture for each seed' {
        $page = Invoke-Sample gallery
        $page.Name | Should -Be gallery.html
        foreach ($seed in 1..3) { Get-Content $page -Raw | Should -Match "ball-$seed\.jpg" }
    }

    It 'overnight pays once, also when it is started again' {
        foreach ($time in 1, 2) {
            (Invoke-Sample overnight).FullName | Should -Be (Join-Path $PWD out ball-inpaint.jpg)
            (Send-Emulator state).paidJobs | Should -Be 1
        }

        (Get-Content night.jsonl | ConvertFrom-Json).event | Should -Contain attached
    }

    It 'submit makes the jobs, and collect saves their pictures' {
        (Invoke-Sample submit).State | Should -HaveCount 2
        'out' | Should -Not -Exist
        (Invoke-Sample collect).Name | Sort-Object | Should -Be 'ball-inpaint.jpg', 'dated-inpaint.jpg'
        Get-InpaintStatus | Should -BeNullOrEmpty
        (Send-Emulator state).paidJobs | Should -Be 2
    }

    It 'cost-report sums what the jobs have cost' {
        $null = Invoke-Sample gallery
        $report = Invoke-Sample cost-report
        $report.Provider, $report.Model, $report.Jobs | Should -Be 'Fal', 'fal-ai/flux-lora/inpainting', 3
        $report.Dollars | Should -Be ([math]::Round((Get-InpaintStatus -All | Measure-Object Cost -Sum).Sum, 6))
        $report.Dollars | Should -BeGreaterThan 0
    }

    It 'retry-failed runs again what may succeed, and lists what has to be corrected' {
        Copy-Item $samples/pictures/*.png, $samples/pictures/jobs.csv .
        'missing.png,ball_mask.png,,a dog,Nothing' | Add-Content jobs.csv
        $null = Send-Emulator faults @{ operation = 'submit'; faults = @(@{ kind = 'respond'; status = 503 }) }
        $PSDefaultParameterValues = @{ 'Invoke-Inpaint:MaximumRetryCount' = 0 }
        $files = Invoke-Sample retry-failed @{ Csv = 'jobs.csv' }
        $files.Name | Sort-Object | Should -Be 'ball-inpaint.jpg', 'dated-inpaint.jpg'
        (Send-Emulator requests?operation=Submit).status | Sort-Object | Should -Be 200, 200, 503
        (Import-Csv retry.csv).Title | Should -Be Nothing
    }

    It 'is tested for each script there is' {
        $run | Sort-Object | Should -Be ((Get-ChildItem $samples/*.ps1).Name | Sort-Object)
    }
}

Describe 'The help of <Name>' -ForEach $scripts {
    It 'says what the script does, with an example, and the script is short' {
        $help = Get-Help $Path
        $help.Synopsis | Should -Match '^[A-Z].+\.$'
        $help.examples.example[0].code | Should -Match ([regex]::Escape($Name))
        (Get-Content $Path).Count | Should -BeIn (5..30)
    }
}
