BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $emulator = Start-Emulator
    $line = @{ Provider = 'Test'; Prompt = 'an empty bench' }
    # 12 by 12 pixels to be repainted, in the upper left of a picture of more than half a megapixel.
    $folder = Join-Path $TestDrive pictures
    $null = New-Item -ItemType Directory $folder
    $photo = New-TestPicture -Path (Join-Path $folder photo.png) -Width 960 -Height 640
    $mask = New-InpaintMask -Image $photo -Rectangle '100,80,12,12' -Path (Join-Path $folder photo_mask.png)
    Push-Location $folder
}

AfterAll {
    Pop-Location
    Stop-Emulator
    Get-InpaintProvider Test* | Remove-InpaintProvider
}

Describe '-CropToMask' {
    BeforeEach { Reset-Emulator }

    It 'says before paying what is sent and what that saves' {
        Start-Transcript -Path whatif.txt -UseMinimalHeader | Out-Null
        Invoke-Inpaint photo.png photo_mask.png @line -CropToMask -WhatIf
        Stop-Transcript | Out-Null
        Get-Content whatif.txt -Raw | Should -BeLike '*1 image of 0.26 megapixels, cropped from 0.61, about $0.009 (saves $0.012)*'
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'pays for the part, and gives back the whole' {
        $result = Invoke-Inpaint photo.png photo_mask.png @line -CropToMask -Verbose 4> verbose.txt
        Get-Content verbose.txt -Raw | Should -BeLike '*sending 512x512 at 0,0 of its 960x640 pixels, as 512x512*'
        "$($result.Cost)" | Should -Be '$0.009'
        $result.Cost.Saved | Should -Be (0.035 * (960 * 640 - 512 * 512) / 1e6)
        $result | ConvertTo-Json -Depth 5 | ConvertFrom-Json | ForEach-Object { $_.Cost.Saved } | Should -Be $result.Cost.Saved
        $file = $result | Save-InpaintImage out/
        $report = $file | Compare-InpaintImage photo.png -Mask photo_mask.png
        $report.ChangedPixels | Should -Be 0
        $report.Width | Should -Be 960
        ($file | Compare-InpaintImage photo.png).ChangedPixels | Should -BeGreaterThan 100
    }

    It 'is collected from a job that went through Clixml, and by a batch that is run again' {
        Start-InpaintJob photo.png photo_mask.png @line -CropToMask -Seed 5 | Export-Clixml job.xml
        $file = Import-Clixml job.xml | Save-InpaintImage later/
        ($file | Compare-InpaintImage photo.png -Mask photo_mask.png).IsUnchanged | Should -BeTrue
        $again = Invoke-Inpaint photo.png photo_mask.png @line -CropToMask -Seed 5 -Resume | Save-InpaintImage later/ -Force
        (Get-FileHash $again).Hash | Should -Be (Get-FileHash $file).Hash
        (Send-Emulator state).paidJobs | Should -Be 1
    }

    It 'takes the padding from a row, and a size' {
        $jobs = 'Image,Mask,Padding,Size', 'photo.png,photo_mask.png,300,', 'photo.png,photo_mask.png,,256x128' | ConvertFrom-Csv | Start-InpaintJob @line -CropToMask
        ($jobs | Sort-Object { $_.Placement.Width }).Placement.Width | Should -Be @(280, 512)
        Start-InpaintJob photo.png photo_mask.png @line -CropToMask -Padding 20000 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.Padding,Inpaint.StartInpaintJobCommand'
    }

    It 'works without an account' {
        $file = Invoke-Inpaint photo.png photo_mask.png -CropToMask -Seed 1 | Save-InpaintImage local/
        $report = $file | Compare-InpaintImage photo.png -Mask photo_mask.png
        $report.ChangedPixels | Should -Be 0
        $report.KeptPixels | Should -Be (960 * 640 - 144)
    }

    It 'says when there is nothing to save' {
        $null = New-TestPair -Folder $folder
        $job = Start-InpaintJob dog.png dog_mask.png @line -CropToMask -WarningVariable warning -WarningAction SilentlyContinue
        $warning[0] | Should -BeLike '*saves nothing*dog.png*'
        $job.Cost.Saved | Should -BeNullOrEmpty
        ($job | Save-InpaintImage out/ | Compare-InpaintImage dog.png -Mask dog_mask.png).IsUnchanged | Should -BeTrue
    }
}
