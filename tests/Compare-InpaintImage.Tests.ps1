BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
}

Describe 'Compare-InpaintImage' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
        $dog = New-TestPair -Folder $folder
        $other = New-TestPicture -Path (Join-Path $folder other.png) -Shade 2
        $small = New-TestPicture -Path (Join-Path $folder small.png) -Width 8 -Height 8
        Push-Location $folder
    }

    AfterEach { Pop-Location }

    It 'proves that the embedded provider changes nothing outside the mask, and something inside' {
        # A white square on black, and the square is to go.
        Copy-Item dog_mask.png square.png
        $file = Invoke-Inpaint square.png dog_mask.png -Seed 1 | Save-InpaintImage out/
        $report = $file | Compare-InpaintImage square.png -Mask dog_mask.png
        $report | Should -BeOfType Inpaint.PictureComparison
        $report.IsUnchanged | Should -BeTrue
        $report.KeptPixels | Should -Be (64 * 64 - 16 * 16)
        (Compare-InpaintImage square.png $file).ChangedPixels | Should -Be 256
        (Compare-InpaintImage square.png $file dog_mask.png -MaskMode Black).ChangedShare | Should -Be 1
    }

    It 'takes results, files and rows from the pipeline' {
        (Invoke-Inpaint dog.png dog_mask.png -Seed 1 | Compare-InpaintImage dog.png -Mask dog_mask.png).IsUnchanged | Should -BeTrue
        ($dog, $other | Compare-InpaintImage -Reference dog.png).IsUnchanged | Should -Be @($true, $false)
        ('Reference,Difference', 'dog.png,other.png', 'dog.png,dog.png' | ConvertFrom-Csv | Compare-InpaintImage).IsUnchanged | Should -Be @($false, $true)
        (Get-Item other.png | Compare-InpaintImage -Reference { $_.FullName }).IsUnchanged | Should -BeTrue
    }

    It 'shows its figures, also after Clixml' {
        $report = Compare-InpaintImage dog.png other.png
        $report.MaxDifference | Should -BeGreaterThan 6
        $report | Out-String -Width 80 | Should -Match 'other\.png\s+100\.00 %\s+4096\s+\d+\s+\d+\.\d\d\s+64x64'
        $report | Export-Clixml report.xml
        (Import-Clixml report.xml | Out-String).Trim() | Should -Be ($report | Out-String).Trim()
    }

    It 'draws the differences' {
        $report = Compare-InpaintImage dog.png other.png -DifferencePath seen/ -Gain 8
        $report.DifferencePath | Should -Be (Join-Path $folder seen/other_difference.png)
        (Compare-InpaintImage $report.DifferencePath $report.DifferencePath).Width | Should -Be 64
        (Compare-InpaintImage dog.png dog.png -DifferencePath dark.png).DifferencePath | Should -Be (Join-Path $folder dark.png)
        $report = Compare-InpaintImage dog.png other.png -DifferencePath dark.png -NoClobber -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.CompareInpaintImageCommand'
        ($report.ChangedPixels, $report.DifferencePath) | Should -Be @(4096, $null) -Because 'the figures are worth having all the same'
        Compare-InpaintImage dog.png other.png -DifferencePath dark.png | Should -HaveCount 1
    }

    It 'never draws over what it compares' -ForEach 'dog.png', 'other.png', 'dog_mask.png' {
        $hash = (Get-FileHash $_).Hash
        (Compare-InpaintImage dog.png other.png dog_mask.png -DifferencePath $_ -Force -ErrorVariable failure -ErrorAction SilentlyContinue).DifferencePath | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.DifferencePath,Inpaint.CompareInpaintImageCommand'
        (Get-FileHash $_).Hash | Should -Be $hash
    }

    It 'says that nothing was compared, and takes an empty cell for no mask' {
        $null = New-InpaintMask -Size 64x64 -Rectangle 0,0,64,64 -Path all.png -WarningAction SilentlyContinue
        $report = Compare-InpaintImage dog.png dog.png all.png -WarningVariable warning -WarningAction SilentlyContinue
        ($report.IsUnchanged, $report.KeptPixels) | Should -Be @($false, 0)
        $warning | Should -Match 'nothing to compare'
        ('Reference,Difference,Mask', 'dog.png,dog.png,' | ConvertFrom-Csv | Compare-InpaintImage).IsUnchanged | Should -BeTrue
    }

    It 'compares with -WhatIf, and writes nothing' {
        (Compare-InpaintImage dog.png other.png -DifferencePath seen.png -WhatIf).ChangedPixels | Should -Be 4096
        Test-Path seen.png | Should -BeFalse
    }

    It 'does not write two pictures'' differences into one file' {
        $reports = $dog, $other | Compare-InpaintImage dog.png -DifferencePath seen.png -ErrorVariable failure -ErrorAction SilentlyContinue
        $reports.DifferencePath | Should -Be @((Join-Path $folder seen.png), $null)
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.CompareInpaintImageCommand'
    }

    It 'says <Id> for <Case>, and goes on' -ForEach @(
        @{ Case = 'another size'; Id = 'InvalidParameter.Difference'; Difference = 'small.png'; Mask = $null }
        @{ Case = 'a mask of another size'; Id = 'MaskSizeMismatch'; Difference = 'other.png'; Mask = 'small.png' }
        @{ Case = 'a missing picture'; Id = 'ImageNotFound'; Difference = 'none.png'; Mask = $null }
    ) {
        $rest = $Mask ? @{ Mask = $Mask } : @{}
        Compare-InpaintImage dog.png $Difference @rest -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be "$Id,Inpaint.CompareInpaintImageCommand"
        ($Difference, 'dog.png' | Compare-InpaintImage dog.png -ErrorAction SilentlyContinue)[-1].IsUnchanged | Should -BeTrue
    }
}
