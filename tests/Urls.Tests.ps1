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

    It 'that is not there is an error that says so' {
        Invoke-Inpaint "$($emulator.Uri)/cdn/files/none/none.png" dog_mask.png -Provider Local -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,Inpaint.InvokeInpaintCommand'
        "$($failure[0])" | Should -BeLike '*There is no picture to be had at *none.png: the server returned 404.'
        { Invoke-Inpaint 'http://pictures.example/dog.png' dog_mask.png -Provider Local -ErrorAction Stop } | Should -Throw -ErrorId 'InsecureTransport,*'
    }
}
