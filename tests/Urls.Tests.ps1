BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $emulator = Start-Emulator
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'A picture at a URL' {
    BeforeEach {
        Reset-Emulator
        $pictures = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-TestPair -Folder $pictures
        Push-Location $pictures
        # A picture that lies at a URL, as anybody's would, and the same as a file.
        $url = (Invoke-Inpaint dog.png dog_mask.png 'a lion' -Provider Test -Seed 1 -OutputFormat png).Images[0].Url
        Invoke-WebRequest $url -OutFile there.png
        $null = Send-Emulator requests -Method Delete

        function Get-Digest($Result) { ($Result | Save-InpaintImage "$pictures/out/$([guid]::NewGuid()).png" | Get-FileHash).Hash }
        function Get-Download { @(Send-Emulator 'requests?operation=Download' | Where-Object { $_ }).Count }
    }

    AfterEach { Pop-Location }

    It 'is repainted by Local, and fetched once' {
        $url | Should -BeLike "$($emulator.Uri)*"
        $result = Invoke-Inpaint $url dog_mask.png -Provider Local -Seed 1
        Get-Download | Should -Be 1
        $result.Job.Source, $result.Job.Parameters.Image | Should -Be $url, $url
        $file = $result | Save-InpaintImage -Path out/
        $file.Name | Should -Be (([uri] $url).Segments[-1] -replace '\.\w+$', '-inpaint.png')
        ($file | Get-FileHash).Hash | Should -Be (Get-Digest (Invoke-Inpaint there.png dog_mask.png -Provider Local -Seed 1))
        Get-Digest (Invoke-Inpaint -Path $url -Rectangle Center,25%,25% -Provider Local -Seed 1) | Should -Be ($file | Get-FileHash).Hash
        (Invoke-Inpaint -LiteralPath $url -Mask dog_mask.png -Provider Local).Job.Source | Should -Be $url
    }

    It 'is kept outside the mask with <Arguments>, and sent once fetched' -ForEach @(
        @{ Arguments = @{ KeepUnmasked = $true } }
        @{ Arguments = @{ CropToMask = $true; Padding = 4 } }
    ) {
        $file = Invoke-Inpaint $url dog_mask.png 'a lion' -Provider Test @Arguments -OutPath out/ -WarningAction SilentlyContinue
        $comparison = Compare-InpaintImage $url $file -Mask dog_mask.png
        $comparison.ChangedPixels, $comparison.KeptPixels | Should -Be 0, (64 * 64 - 16 * 16)
        $comparison.Reference | Should -Be $url
    }

    It 'is passed on as it is where nothing here needs its pixels' {
        $null = Invoke-Inpaint $url dog_mask.png 'a lion' -Provider Test
        Get-Download | Should -Be 0
        (@(Send-Emulator 'requests?operation=Submit')[0].body | ConvertFrom-Json).image_url | Should -Be $url
    }

    It 'is a mask as well: one for all pictures is fetched once' {
        $null = New-TestPicture -Path $pictures/cat.png -Shade 7
        $results = 'dog.png', 'cat.png' | Invoke-Inpaint -Mask $url -Provider Local -WarningAction SilentlyContinue
        Get-Download | Should -Be 1
        $results | Should -HaveCount 2
    }

    It 'is compared' {
        (Compare-InpaintImage there.png $url).IsUnchanged | Should -BeTrue
        (Compare-InpaintImage $url there.png).Reference | Should -Be $url
        (Compare-InpaintImage dog.png $url).ChangedPixels | Should -BeGreaterThan 0
    }

    It 'is what a mask is made for, of what it shows, in the current folder' {
        $mask = New-InpaintMask $url -Rectangle Center,25%,25% -Path out/
        $mask.Name | Should -Be (([uri] $url).Segments[-1] -replace '\.\w+$', '_mask.png')
        ($mask | Get-FileHash).Hash | Should -Be (New-InpaintMask there.png -Rectangle Center,25%,25% -Path out/file.png | Get-FileHash).Hash
        (New-InpaintMask $url -From 1,1 -Path out/connected.png | Get-FileHash).Hash | Should -Be (New-InpaintMask there.png -From 1,1 -Path out/file.png | Get-FileHash).Hash
        (New-InpaintMask -Mask $url -Invert -Path out/inverted.png | Get-FileHash).Hash | Should -Be (New-InpaintMask -Mask there.png -Invert -Path out/file.png | Get-FileHash).Hash
        Get-Download | Should -Be 3
        Push-Location out
        (New-InpaintMask $url -Rectangle 1,1,9,9 -Force).DirectoryName | Should -Be (Get-Location).Path
        Pop-Location
    }

    It 'has a mask that pipes on' {
        $result = New-InpaintMask $url -Rectangle Center,25%,25% | Invoke-Inpaint -Provider Local
        $result.Job.Source | Should -Be $url
    }

    It 'is checked with its mask, either or both at a URL' {
        $expected = Test-InpaintMask there.png dog_mask.png -Detailed
        $report = Test-InpaintMask $url dog_mask.png -Detailed
        $report.Coverage, $report.ImageWidth, $report.IsUsable | Should -Be $expected.Coverage, $expected.ImageWidth, $true
        $report.Image | Should -Be $url
        (Test-InpaintMask there.png $url -Detailed).Coverage | Should -Be (Test-InpaintMask there.png there.png -Detailed).Coverage
        Test-InpaintMask $url dog_mask.png | Should -BeTrue
        $missing = Test-InpaintMask "$($emulator.Uri)/cdn/files/none/none.png" dog_mask.png -Detailed
        $missing.IsUsable, $missing.ErrorId | Should -Be $false, ImageNotFound
    }

    It 'is painted over' {
        Edit-InpaintMask $url -NoBrowser -TimeoutSec 1 -WarningVariable said -InformationVariable page -WarningAction SilentlyContinue 6> $null
        "$page" | Should -Match 'to paint the mask of'
        "$said" | Should -Match 'was open longer'
        Get-Download | Should -Be 1
    }

    It 'that is not there is an error that says so, whatever is to be made of it' {
        $missing = "$($emulator.Uri)/cdn/files/none/none.png"
        { New-InpaintMask $missing -Rectangle 1,1,9,9 -ErrorAction Stop } | Should -Throw -ErrorId 'ImageNotFound,Inpaint.NewInpaintMaskCommand'
        { Edit-InpaintMask $missing -NoBrowser -ErrorAction Stop } | Should -Throw -ErrorId 'ImageNotFound,Inpaint.EditInpaintMaskCommand'
    }

    It 'that is not there is an error that says so' {
        Invoke-Inpaint "$($emulator.Uri)/cdn/files/none/none.png" dog_mask.png -Provider Local -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,Inpaint.InvokeInpaintCommand'
        "$($failure[0])" | Should -BeLike '*There is no picture to be had at *none.png: the server returned 404.'
        Get-Download | Should -Be 1 -Because 'a picture that is not there is not waited for'
        { Invoke-Inpaint 'http://pictures.example/dog.png' dog_mask.png -Provider Local -ErrorAction Stop } | Should -Throw -ErrorId 'InsecureTransport,*'
    }
}
