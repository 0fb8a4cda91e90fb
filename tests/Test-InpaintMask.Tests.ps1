BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    Push-Location (New-Item -ItemType Directory (Join-Path $TestDrive pictures))
    foreach ($name in 'dog', 'cat') { $null = New-TestPair -Folder $PWD -Name $name }
    $null = New-TestPicture -Path (Join-Path $PWD small.png) -Width 8 -Height 8 -Kind Mask
    $null = New-TestPicture -Path (Join-Path $PWD empty.png) -Kind Empty
    $null = New-TestPicture -Path (Join-Path $PWD full.png) -Kind Full
    Set-Content text.png 'just words'
}

AfterAll { Pop-Location }

Describe 'Test-InpaintMask' {
    It 'is true, and silent, for a good mask' {
        $answer = Test-InpaintMask dog.png dog_mask.png -WarningVariable warning
        $answer | Should -BeTrue
        $answer | Should -BeOfType bool
        $warning | Should -BeNullOrEmpty
    }

    It 'tells what Invoke-Inpaint would: <Id> for <Mask>' -ForEach @(
        @{ Mask = 'empty.png'; Id = 'MaskEmpty' }
        @{ Mask = 'full.png'; Id = 'MaskFull' }
        @{ Mask = 'small.png'; Id = 'MaskSizeMismatch' }
        @{ Mask = 'text.png'; Id = 'ImageUnsupported' }
        @{ Mask = 'none.png'; Id = 'ImageNotFound' }
    ) {
        Invoke-Inpaint dog.png $Mask -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id*,Inpaint.InvokeInpaintCommand"
        Test-InpaintMask dog.png $Mask -WarningVariable warning -WarningAction SilentlyContinue | Should -BeFalse
        $warning | Should -HaveCount 1
        $warning[0].Message | Should -Be "$("$($failure[0])" -replace '^dog\.png: ') $($failure[0].ErrorDetails.RecommendedAction)"
        $report = Test-InpaintMask dog.png $Mask -Detailed -WarningVariable warning
        $report.IsUsable | Should -BeFalse
        "$($report.ErrorId)" | Should -Be $Id
        $warning | Should -BeNullOrEmpty
    }

    It 'scales and turns round as Invoke-Inpaint does' {
        Test-InpaintMask dog.png small.png -ResizeMask | Should -BeTrue
        $answer = Test-InpaintMask dog.png dog_mask.png -MaskMode Black -WarningVariable warning -WarningAction SilentlyContinue
        $answer | Should -BeTrue
        $warning | Should -Match '94 %'
    }

    It 'describes a mask' {
        $report = Test-InpaintMask dog.png dog_mask.png -Detailed
        $report | Should -BeOfType Inpaint.MaskReport
        $report.Coverage | Should -Be (1 / 16)
        "$($report.BoundingBox)" | Should -Be '16x16 at 24,24'
        $report.Regions[0].Pixels | Should -Be 256
        $report.IsBinary | Should -BeTrue
        $report | Out-String | Should -Match 'dog_mask\.png\s+yes\s+64x64\s+6\.3 %\s+1'
        $report | Export-Clixml report.xml
        (Import-Clixml report.xml | Out-String).Trim() | Should -Be ($report | Out-String).Trim()
        (Test-InpaintMask dog.png empty.png -Detailed | Out-String -Width 80) | Should -Match 'no\s+64x64\s+0\.0 %\s+0\s+MaskEmpty'
    }

    It 'takes pictures, rows and fresh masks from the pipeline' {
        Get-Item dog.png, cat.png | Test-InpaintMask -Mask { $_ -replace '\.png$', '_mask.png' } | Should -Be @($true, $true)
        'Image,Mask', 'dog.png,dog_mask.png', 'cat.png,empty.png' | ConvertFrom-Csv | Test-InpaintMask -WarningAction SilentlyContinue | Should -Be @($true, $false)
        New-InpaintMask dog.png -Ellipse 4, 4, 9, 9 -Path drawn.png | Test-InpaintMask dog.png | Should -BeTrue
    }

    It 'does not take an unknown provider for an answer' {
        Test-InpaintMask dog.png dog_mask.png -Provider Nobody -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'ProviderNotFound,Inpaint.TestInpaintMaskCommand'
    }

    It 'makes no job' {
        $null = Test-InpaintMask dog.png dog_mask.png
        Get-InpaintStatus -All | Should -BeNullOrEmpty
    }
}
