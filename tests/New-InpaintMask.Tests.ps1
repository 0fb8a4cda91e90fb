BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
}

Describe 'New-InpaintMask' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $folder
        $dog = New-TestPicture -Path (Join-Path $folder dog.png)
        $expected = (New-TestPicture -Path (Join-Path $folder expected.png) -Kind Mask)
        Push-Location $folder

        # Repaints with the embedded provider: equal digests mean equal masks.
        function Get-Digest($Mask) { (Invoke-Inpaint dog.png $Mask -Seed 1 | Save-InpaintImage "$folder/$([guid]::NewGuid()).png" | Get-FileHash).Hash }
    }

    AfterEach { Pop-Location }

    It 'writes a mask beside the picture, in its size, that Invoke-Inpaint takes' {
        $file = New-InpaintMask dog.png -Rectangle 24,24,16,16
        $file.FullName | Should -Be (Join-Path $folder dog_mask.png)
        Get-Digest $file | Should -Be (Get-Digest $expected)
    }

    It 'takes shapes in every spelling' -ForEach @(
        @{ Shapes = @{ Rectangle = 24, 24, 16, 16 } }
        @{ Shapes = @{ Rectangle = '24,24,16,16' } }
        @{ Shapes = @{ Rectangle = '24,24,8,16', '32,24,8,16' } }
        @{ Shapes = @{ Rectangle = 24, 24, 8, 16, 32, 24, 8, 16 } }
        @{ Shapes = @{ Polygon = '24,24 40,24 40,40 24,40' } }
        @{ Shapes = @{ Polygon = 24, 24, 40, 24, 40, 40, 24, 40 } }
        @{ Shapes = @{ Rectangle = '28,28,8,8'; Polygon = '24,24 40,24 40,40 24,40'; Ellipse = 26, 26, 12, 12 } }
    ) {
        Get-Digest (New-InpaintMask dog.png @Shapes) | Should -Be (Get-Digest $expected)
    }

    It 'takes pictures and rows from the pipeline' {
        ($dog | New-InpaintMask -Rectangle 24,24,16,16).Name | Should -Be dog_mask.png
        ('dog.png' | New-InpaintMask -Rectangle 24,24,16,16 -Force).Name | Should -Be dog_mask.png
        'Image,Rectangle', 'dog.png,"24,24,16,16"' | ConvertFrom-Csv | New-InpaintMask -Path rows/ | ForEach-Object Name | Should -Be dog_mask.png
        Get-Digest rows/dog_mask.png | Should -Be (Get-Digest $expected)
    }

    It 'knows the picture that it was made for, so that the line can go on' {
        $null = New-Item -ItemType Directory masks
        $results = @(
            New-InpaintMask dog.png -Rectangle 24,24,16,16 | Invoke-Inpaint -Seed 1
            'dog.png' | New-InpaintMask -Rectangle 28,28,8,8 -Path masks | New-InpaintMask -Rectangle 24,24,16,16 | Invoke-Inpaint -Seed 1
            Invoke-Inpaint dog.png expected.png -Seed 9 | New-InpaintMask -Rectangle 24,24,16,16 -Path masks/of-result.png | Invoke-Inpaint -Seed 1
        )
        $results.Job.Source | Should -Be @($dog.FullName, $dog.FullName, $dog.FullName)
        ($results[0] | Save-InpaintImage one.png | Get-FileHash).Hash | Should -Be (Get-Digest $expected)
        ($results[1] | Save-InpaintImage two.png | Get-FileHash).Hash | Should -Be (Get-Digest $expected)
        $mask = New-InpaintMask dog.png -Rectangle 24,24,16,16 -Force
        $mask | Test-InpaintMask | Should -BeTrue
        $mask | Export-Clixml mask.xml
        (Import-Clixml mask.xml | Start-InpaintJob -Seed 1).Source | Should -Be $dog.FullName
        ($mask | Invoke-Inpaint -Image expected.png -Seed 1).Job.Source | Should -Be $expected.FullName -Because 'the line says so'
    }

    It 'says that a mask without a picture is no picture' {
        New-InpaintMask -Size 64x64 -Rectangle 24,24,16,16 -Path alone.png | Invoke-Inpaint -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.Mask,Inpaint.InvokeInpaintCommand'
        "$($failure[0])" | Should -Match 'alone.png is specified both as the picture and as its mask'
    }

    It 'reads all that describes a mask from the columns of a row' {
        $null = New-TestPicture -Path (Join-Path $folder square.png) -Kind Mask
        $rows = 'Image,Color,Tolerance,Invert,Grow', 'square.png,#fafafa,5,no,', 'square.png,000000,,yes,0' | ConvertFrom-Csv
        foreach ($row in $rows) { Get-Digest ($row | New-InpaintMask -Force) | Should -Be (Get-Digest $expected) }
        'Image,Rectangle,Grow', 'square.png,"1,1,2,2","1,5"' | ConvertFrom-Csv | New-InpaintMask -Force -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        "$($failure[0])" | Should -Match "Row 1, column Grow: '1,5' cannot be read as a whole number from 0 to 10000"
    }

    It 'carries a mask on from step to step, in one file' {
        $file = New-InpaintMask dog.png -Rectangle 28,28,8,8 | New-InpaintMask -Rectangle 24,24,4,4 | New-InpaintMask -Rectangle 24,24,16,16
        $file | Should -HaveCount 1
        $file.Name | Should -Be dog_mask.png
        Get-Digest $file | Should -Be (Get-Digest $expected)
        (New-InpaintMask -Mask expected.png -Invert -Path swapped.png | New-InpaintMask -Invert | Get-FileHash).Hash |
            Should -Be (New-InpaintMask -Mask expected.png -Rectangle 24,24,1,1 -Path same.png | Get-FileHash).Hash
    }

    It 'never takes a photograph for a mask that is carried on' {
        $hash = (Get-FileHash dog.png).Hash
        $file = New-InpaintMask dog.png -Mask dog.png
        $file.Name | Should -Be dog_mask.png
        $file = Get-Item dog.png | New-InpaintMask -Mask { $_ } -Force
        $file.Name | Should -Be dog_mask.png
        Get-Item dog.png | Add-Member Mask $dog.FullName -PassThru | New-InpaintMask -Invert -Force | ForEach-Object Name | Should -Be dog_mask.png
        New-InpaintMask dog.png -Mask dog.png -Path dog.png -Force -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.Path,Inpaint.NewInpaintMaskCommand'
        (Get-FileHash dog.png).Hash | Should -Be $hash
    }

    It 'replaces no other picture in colour that -Path names, unless forced' {
        Copy-Item (Join-Path $PSScriptRoot '../samples/pictures/ball.png') photo.png
        $hash = (Get-FileHash photo.png).Hash
        $files = 'dog.png', 'photo.png' | New-InpaintMask -Rectangle 1,1,2,2 -Path photo.png -ErrorVariable failure -ErrorAction SilentlyContinue
        $files | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.NewInpaintMaskCommand', 'InvalidParameter.Path,Inpaint.NewInpaintMaskCommand'
        $null = 'photo.png', 'dog.png' | New-InpaintMask -Rectangle 1,1,2,2 -Path photo.png -ErrorAction SilentlyContinue
        $null = 'dog.png' | Compare-InpaintImage dog.png -DifferencePath photo.png -ErrorAction SilentlyContinue
        (Get-FileHash photo.png).Hash | Should -Be $hash
        New-InpaintMask dog.png -Rectangle 1,1,2,2 -Path photo.png -Force | Should -HaveCount 1
    }

    It 'carries on a mask beside a picture that is named' {
        $null = New-TestPicture -Path (Join-Path $folder square.png) -Kind Mask
        $file = New-InpaintMask square.png -Rectangle 26,26,2,2 | New-InpaintMask -Image square.png -Color ffffff
        $file.Name | Should -Be square_mask.png
        Get-Digest $file | Should -Be (Get-Digest $expected)
    }

    It 'takes an empty cell as not given' {
        $rows = 'Image,Mask,Rectangle,Ellipse,Polygon', 'dog.png,,"24,24,16,16",,', 'cat.png,,,,"24,24 40,24 40,40 24,40"' | ConvertFrom-Csv
        Copy-Item dog.png cat.png
        $files = $rows | New-InpaintMask
        $files.Name | Should -Be @('dog_mask.png', 'cat_mask.png')
        Get-Digest $files[0] | Should -Be (Get-Digest $expected)
        $row = [pscustomobject]@{ Image = 'dog.png'; Mask = $null; Rectangle = '24,24,16,16'; Ellipse = $null; Polygon = $null }
        $row | New-InpaintMask -Force | Should -HaveCount 1
        $none = [pscustomobject]@{ Image = 'dog.png'; Rectangle = '' }
        $null = $none, $row | New-InpaintMask -Path rows/ -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure | Should -HaveCount 1
        $failure[0].Exception.Message | Should -Match 'The part to repaint is not specified'
        Test-Path rows/dog_mask.png | Should -BeTrue
    }

    It 'works as the mask of a batch' {
        $results = $dog | Invoke-Inpaint -Mask { New-InpaintMask $_ -Rectangle 24,24,16,16 } -Seed 1
        (Get-FileHash ($results | Save-InpaintImage one.png)).Hash | Should -Be (Get-Digest $expected)
    }

    It 'selects a colour, with tolerance' {
        $null = New-TestPicture -Path (Join-Path $folder square.png) -Kind Mask
        Get-Digest (New-InpaintMask square.png -Color '#ffffff') | Should -Be (Get-Digest $expected)
        Get-Digest (New-InpaintMask square.png -Color '#fafafa' -Tolerance 5 -Force) | Should -Be (Get-Digest $expected)
        Get-Digest (New-InpaintMask square.png -Color 000000 -Invert -Force) | Should -Be (Get-Digest $expected)
    }

    It 'gives what Get-Item gives' {
        $file = New-InpaintMask dog.png -Ellipse 24,24,16,16
        $file | Should -BeOfType System.IO.FileInfo
        $item = Get-Item $file.FullName
        foreach ($name in 'PSPath', 'PSParentPath', 'PSChildName', 'PSIsContainer') { "$($file.$name)" | Should -Be "$($item.$name)" }
    }

    It 'replaces a file that it named itself only with -Force, and a named one unless -NoClobber' {
        Set-Content dog_mask.png 'by hand'
        New-InpaintMask dog.png -Rectangle 1,1,2,2 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.NewInpaintMaskCommand'
        New-InpaintMask -Mask expected.png -Grow 1 -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.NewInpaintMaskCommand'
        New-InpaintMask dog.png -Rectangle 1,1,2,2 -Path dog_mask.png -NoClobber -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.NewInpaintMaskCommand'
        Get-Content dog_mask.png | Should -Be 'by hand'
        New-InpaintMask dog.png -Rectangle 1,1,2,2 -Path dog_mask.png | Should -HaveCount 1
        New-InpaintMask dog.png -Rectangle 1,1,2,2 -Force | Should -HaveCount 1
    }

    It 'does not write two pictures'' masks into one file' {
        $cat = New-TestPicture -Path (Join-Path $folder cat.png)
        $files = $dog, $cat | New-InpaintMask -Rectangle 1,1,2,2 -Path one.png -ErrorVariable failure -ErrorAction SilentlyContinue
        $files | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.NewInpaintMaskCommand'
    }

    It 'warns of a mask that Invoke-Inpaint would refuse' {
        $null = New-InpaintMask dog.png -Rectangle 100,100,5,5 -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -Match 'marks nothing'
    }

    It 'writes nothing with -WhatIf' {
        New-InpaintMask dog.png -Rectangle 1,1,2,2 -WhatIf | Should -BeNullOrEmpty
        Test-Path dog_mask.png | Should -BeFalse
    }

    It 'promises nothing with -WhatIf that would fail' {
        Set-Content dog_mask.png 'by hand'
        New-InpaintMask dog.png -Rectangle 1,1,2,2 -WhatIf -ErrorVariable failure -ErrorAction SilentlyContinue 6>&1 | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.NewInpaintMaskCommand'
        New-InpaintMask none.png -Rectangle 1,1,2,2 -WhatIf -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -Be 'ImageNotFound,Inpaint.NewInpaintMaskCommand'
    }

    It 'takes a name with brackets as completion writes it' {
        Copy-Item dog.png 'dog[1].png'
        $null = New-Item -ItemType Directory 'masks[1]'
        $file = New-InpaintMask './dog`[1`].png' -Rectangle 1,1,2,2 -Path './masks`[1`]'
        $file.FullName | Should -Be (Join-Path $folder 'masks[1]' 'dog[1]_mask.png')
        Test-InpaintMask 'dog[1].png' './masks`[1`]/dog`[1`]_mask.png' -Provider Local | Should -BeTrue
    }

    It 'puts the mask of a result here, and not among the jobs' {
        $file = Invoke-Inpaint dog.png expected.png -Provider Local -Seed 1 | New-InpaintMask -Rectangle 1,1,2,2
        $file.FullName | Should -Be (Join-Path $folder dog_mask.png)
    }

    It 'says <Id> for <Case>' -ForEach @(
        @{ Case = 'no size'; Id = 'InvalidParameter'; Arguments = @{ Rectangle = '1,1,2,2' } }
        @{ Case = 'nothing drawn'; Id = 'InvalidParameter'; Arguments = @{ Image = 'dog.png'; Grow = 3 } }
        @{ Case = 'a broken rectangle'; Id = 'InvalidParameter'; Arguments = @{ Image = 'dog.png'; Rectangle = '1,1,2' } }
        @{ Case = 'a broken colour'; Id = 'InvalidParameter'; Arguments = @{ Image = 'dog.png'; Color = 'greenish' } }
        @{ Case = 'a broken size'; Id = 'InvalidParameter'; Arguments = @{ Size = 'large'; Rectangle = '1,1,2,2' } }
        @{ Case = 'a picture without alpha'; Id = 'InvalidParameter'; Arguments = @{ Image = 'dog.png'; FromAlpha = $true } }
        @{ Case = 'a missing picture'; Id = 'ImageNotFound'; Arguments = @{ Image = 'none.png'; Rectangle = '1,1,2,2' } }
        @{ Case = 'a name of another format'; Id = 'InvalidParameter'; Arguments = @{ Image = 'dog.png'; Rectangle = '1,1,2,2'; Path = 'mask.bmp' } }
        @{ Case = 'a mode without a mask'; Id = 'InvalidParameter'; Arguments = @{ Image = 'dog.png'; Rectangle = '1,1,2,2'; MaskMode = 'Black' } }
        @{ Case = 'no picture'; Id = 'ImageUnsupported'; Arguments = @{ Image = 'text.png'; Rectangle = '1,1,2,2' } }
        @{ Case = 'a mask of another size'; Id = 'MaskSizeMismatch'; Arguments = @{ Image = 'dog.png'; Mask = 'small.png' } }
    ) {
        Set-Content text.png 'just words'
        $null = New-TestPicture -Path (Join-Path $folder small.png) -Width 8 -Height 8 -Kind Mask
        New-InpaintMask @Arguments -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id*,Inpaint.NewInpaintMaskCommand"
        $failure[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'goes on after a bad item' {
        $files = 'none.png', 'dog.png' | New-InpaintMask -Rectangle 1,1,2,2 -ErrorAction SilentlyContinue
        $files.Name | Should -Be dog_mask.png
    }
}
