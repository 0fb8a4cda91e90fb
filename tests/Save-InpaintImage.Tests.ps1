BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $dog = New-TestPair -Folder (Join-Path $TestDrive 'pictures')
    $mask = Join-Path $TestDrive 'pictures/dog_mask.png'
    $one = Invoke-Inpaint $dog $mask -Seed 42
    $two = Invoke-Inpaint $dog $mask -Seed 43 -Count 2
}

Describe 'Save-InpaintImage' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid())
    }

    It 'makes the folder and names the file after its source' {
        ($one | Save-InpaintImage -Path "$folder/").Name | Should -Be 'dog-inpaint.png'
    }

    It 'emits the pictures in their files with -PassThru, which a gallery takes' {
        $saved = $two | Save-InpaintImage "$folder/" -PassThru
        $saved | Should -HaveCount 2
        $saved[0] | Should -BeOfType Inpaint.InpaintImage
        $saved.Origin.Seed | Should -Contain 43
        ([uri] $saved[1].Url).LocalPath | Should -Exist
        $page = $saved | Export-InpaintGallery -Path "$folder/gallery.html"
        (Get-Content $page -Raw) | Should -Match 'Invoke-Inpaint.*-Seed 43'
    }

    It 'takes a name without extension for a folder' {
        ($one | Save-InpaintImage $folder).FullName | Should -Be (Join-Path $folder 'dog-inpaint.png')
    }

    It 'takes a name with extension for a file' {
        ($one | Save-InpaintImage "$folder/lion.png").FullName | Should -Be (Join-Path $folder 'lion.png')
    }

    It 'saves to the current location by default' {
        $null = New-Item -ItemType Directory $folder
        Push-Location $folder
        try { ($one | Save-InpaintImage).FullName | Should -Be (Join-Path $folder 'dog-inpaint.png') }
        finally { Pop-Location }
    }

    It 'saves all pictures of a result, under names that differ' {
        $files = $two | Save-InpaintImage $folder
        $files | Should -HaveCount 2
        $files.Name | Sort-Object -Unique | Should -HaveCount 2
    }

    It 'gives the files of a result in the order of its pictures, whichever is there first' {
        $large = New-TestPicture -Path (Join-Path $TestDrive 'large.png') -Width 1000 -Height 1000
        $result = $two | ConvertTo-Json -Depth 9 | ConvertFrom-Json
        $result.Images = 0..5 | ForEach-Object {
            $image = $result.Images[0] | ConvertTo-Json -Depth 9 | ConvertFrom-Json
            $image.Index = $_
            $image.Url = [uri]::new('file://' + ($_ ? $dog : $large)).AbsoluteUri
            $image
        }
        ($result | Save-InpaintImage $folder -Name '{Index}').Name | Should -Be (0..5 | ForEach-Object { "$_.png" })
    }

    It 'keeps every result of a command that names one file' {
        $files = $one, $two, $one | Save-InpaintImage "$folder/lion.png" -WarningVariable warning -WarningAction SilentlyContinue
        $files.Name | Sort-Object | Should -Be ('lion_2.png', 'lion-0.png', 'lion-1.png', 'lion.png' | Sort-Object)
        $warning | Should -HaveCount 1
        $warning | Should -Match 'another result of this command'
        $files | Get-FileHash | Should -HaveCount 4
    }

    It 'says that a picture without an address has none' {
        $image = $one.Images[0] | ConvertTo-Json -Depth 9 | ConvertFrom-Json
        $image.Url = $null
        $image | Save-InpaintImage $folder -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'ResponseInvalid,Inpaint.SaveInpaintImageCommand'
    }

    It 'saves single pictures' {
        $two.Images | Where-Object -Not IsFlagged | Save-InpaintImage $folder | Should -HaveCount 2
        $two.Images[1] | Save-InpaintImage "$folder/second.png" | Should -HaveCount 1
    }

    It 'fills in the template' {
        ($one | Save-InpaintImage $folder -Name '{Source}-{Seed}-{Index}-{Provider}').Name | Should -Be 'dog-42-0-Local.png'
    }

    It 'gives what Get-Item gives, so that it keeps piping: <_>' -ForEach 'plain', 'with spaces', 'with [1] brackets', 'mounted as a drive/within' {
        $place = Join-Path $folder $_
        $null = New-Item -ItemType Directory -Path $place -Force
        $mounted = Split-Path $place -Parent
        $null = New-PSDrive -Name Mounted -PSProvider FileSystem -Root $mounted
        try {
            $files = $one, $one, $one | Save-InpaintImage -Path $place -Name "$($_[0]) [{Seed}]"
            $files | Should -HaveCount 3
            $files.FullName | Select-Object -Unique | Should -HaveCount 3
            foreach ($file in $files) {
                $item = Get-Item -LiteralPath $file.FullName
                $file | Should -BeOfType System.IO.FileInfo
                $file.PSObject.TypeNames | Should -Be $item.PSObject.TypeNames
                "$file" | Should -Be "$item"
                $file.PSObject.Properties.Name | Where-Object { $_ -ne 'Inpaint' } | Should -Be $item.PSObject.Properties.Name
                foreach ($note in $item.PSObject.Properties | Where-Object MemberType -EQ NoteProperty) {
                    $own = $file.PSObject.Properties[$note.Name]
                    $own.MemberType | Should -Be NoteProperty
                    $own.Value | Should -BeOfType $note.Value.GetType()
                    ($own.Value | Format-List | Out-String) | Should -BeExactly ($note.Value | Format-List | Out-String)
                }

                ($file | Out-String) | Should -Be ($item | Out-String)
            }
        }
        finally {
            Remove-PSDrive Mounted
        }

        ($file | Invoke-Inpaint -Mask $mask -Seed 1).Images | Should -HaveCount 1
        ($file | Format-Table | Out-String) | Should -Match 'Directory: '
    }

    It 'gives files that still say what was written when they are gone' {
        $files = $one, $one | Save-InpaintImage $folder
        $lengths = $files | ForEach-Object { (Get-Item -LiteralPath $_.FullName).Length }
        $files | Remove-Item
        $files.Length | Should -Be 2
        $files | ForEach-Object { $_.Length } | Should -Be $lengths
    }

    It 'takes results that came back from JSON and Clixml' {
        $one | Export-Clixml "$TestDrive/one.xml"
        (Import-Clixml "$TestDrive/one.xml" | Save-InpaintImage $folder -Name '{Source}-{Seed}').Name | Should -Be 'dog-42.png'
        ($one | ConvertTo-Json -Depth 6 | ConvertFrom-Json | Save-InpaintImage $folder -Name '{Source}-{Seed}-json').Name | Should -Be 'dog-42-json.png'
    }

    It 'replaces nothing unless told to' {
        $first = $one | Save-InpaintImage $folder
        $second = $one | Save-InpaintImage $folder
        $second.FullName | Should -Not -Be $first.FullName
        ($one | Save-InpaintImage $folder -Force).FullName | Should -Be $first.FullName
    }

    It 'gives OutputExists with -NoClobber' {
        $file = $one | Save-InpaintImage "$folder/a.png"
        Set-Content $file 'mine'
        $one | Save-InpaintImage "$folder/a.png" -NoClobber -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.SaveInpaintImageCommand'
        $failure[0].CategoryInfo.Category | Should -Be 'ResourceExists'
        Get-Content $file | Should -Be 'mine'
    }

    It 'gives OutputWriteFailed for a place that cannot be written' {
        Set-Content "$TestDrive/file" 'not a folder'
        $one | Save-InpaintImage "$TestDrive/file/inside/" -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputWriteFailed,Inpaint.SaveInpaintImageCommand'
        { $one | Save-InpaintImage Env:\somewhere } | Should -Throw -ErrorId 'OutputWriteFailed,Inpaint.SaveInpaintImageCommand'
    }

    It 'writes the format that the name asks for: <Name>' -ForEach @(
        @{ Name = 'a.jpg'; Head = 0xFF }, @{ Name = 'a.JPEG'; Head = 0xFF }, @{ Name = 'a.jfif'; Head = 0xFF }, @{ Name = 'a.png'; Head = 0x89 }
    ) {
        $file = $one | Save-InpaintImage "$folder/$Name" -WarningVariable said
        [IO.File]::ReadAllBytes($file)[0] | Should -Be $Head
        ($one | Save-InpaintImage "$folder/named" -Name "{Seed}$([IO.Path]::GetExtension($Name))").Name | Should -Be "42$([IO.Path]::GetExtension($Name))"
        $said | Should -BeNullOrEmpty
    }

    It 'compresses a JPEG as -Quality says' {
        ($one | Save-InpaintImage "$folder/low.jpg" -Quality 10).Length | Should -BeLessThan ($one | Save-InpaintImage "$folder/high.jpg" -Quality 100).Length
    }

    It 'names the formats that are written, before the line pays for anything: <_>' -ForEach 'lion.bmp', 'lion.heic' {
        $jobs = @(Get-InpaintStatus -All).Count
        { Invoke-Inpaint $dog $mask | Save-InpaintImage "$folder/$_" } | Should -Throw '*PNG, JPEG, WebP, AVIF or TIFF*' -ErrorId 'InvalidParameter.Path,*'
        { Invoke-Inpaint $dog $mask | Save-InpaintImage $folder -Name $_ } | Should -Throw -ErrorId 'InvalidParameter.Name,*'
        @(Get-InpaintStatus -All).Count | Should -Be $jobs
        $one | Save-InpaintImage "$folder/lion.gif" -ErrorVariable failure -ErrorAction SilentlyContinue
        "$failure" | Should -Match 'PNG, JPEG, WebP, AVIF or TIFF'
    }

    It 'never has two pictures of one line replace each other, even with -Force' {
        $twice = $one, $one | Save-InpaintImage $folder -Force
        $twice.Name | Sort-Object | Should -Be @('dog-inpaint-2.png', 'dog-inpaint.png')
        ($one, $one | Save-InpaintImage $folder -Force).Name | Sort-Object | Should -Be @('dog-inpaint-2.png', 'dog-inpaint.png') -Because 'another line replaces them'
    }

    It 'never replaces an original without -Force' {
        $null = New-Item -ItemType Directory $folder
        $photo = $one | Save-InpaintImage "$folder/photo.jpg"
        $other = $one | Save-InpaintImage "$folder/other.jpg" -Quality 50
        $hashes = ($photo, $other | Get-FileHash).Hash
        $result = Invoke-Inpaint $photo $mask
        $result | Save-InpaintImage $photo.FullName -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'OutputExists,Inpaint.SaveInpaintImageCommand'
        "$($failure[0])" | Should -Match 'is the original of this picture'
        $result | Save-InpaintImage "$folder/PHOTO.jpg" -ErrorAction SilentlyContinue
        $photo, $other | Invoke-Inpaint -Mask $mask -ThrottleLimit 1 | Save-InpaintImage $other.FullName -ErrorVariable failure -ErrorAction SilentlyContinue -WarningAction SilentlyContinue | ForEach-Object Name | Should -Be 'other_2.jpg'
        "$($failure[0])" | Should -Match 'is the original of another result'
        ($photo, $other | Get-FileHash).Hash | Should -Be $hashes
        $result | Save-InpaintImage $photo.FullName -Force | Should -HaveCount 1
        (Get-FileHash $photo).Hash | Should -Not -Be $hashes[0]
    }

    It 'gives a JPEG for a JPEG that Local repaints, and a PNG when told so' {
        $photo = $one | Save-InpaintImage "$folder/photo.jpg"
        (Invoke-Inpaint $photo $mask -Seed 1 | Save-InpaintImage $folder).Name | Should -Be 'photo-inpaint.jpg'
        (Invoke-Inpaint $photo $mask -Seed 1 -OutputFormat png | Save-InpaintImage $folder).Name | Should -Be 'photo-inpaint.png'
        (Invoke-Inpaint $photo $mask -Seed 1 -KeepUnmasked | Save-InpaintImage $folder -Name kept).Name | Should -Be 'kept.png'
        (Invoke-Inpaint $dog $mask -Seed 1 -OutputFormat jpg | Save-InpaintImage $folder).Name | Should -Be 'dog-inpaint.jpg'
    }

    It 'takes a name that may be either for a folder when several pictures come, and else for a file' {
        ($one | Save-InpaintImage "$folder/results-2024.06" -WarningAction SilentlyContinue).FullName | Should -Be (Join-Path $folder 'results-2024.06')
        ($one, $one | Save-InpaintImage "$folder/results-2024.07").DirectoryName | Should -Be @((Join-Path $folder 'results-2024.07'), (Join-Path $folder 'results-2024.07'))
        ($two | Save-InpaintImage "$folder/results-2024.08").DirectoryName | Select-Object -Unique | Should -Be (Join-Path $folder 'results-2024.08')
        ($one | Save-InpaintImage "$folder/results-2024.09/").DirectoryName | Should -Be (Join-Path $folder 'results-2024.09')
        ($one | Save-InpaintImage "$folder/results-2024.08" -Name again).DirectoryName | Should -Be (Join-Path $folder 'results-2024.08')
        ($one | Save-InpaintImage "$folder/results-2024.10" -Name again).DirectoryName | Should -Be (Join-Path $folder 'results-2024.10')
        Set-Content "$folder/plain" 'a file'
        ($one | Save-InpaintImage "$folder/plain" -WarningAction SilentlyContinue).FullName | Should -Be (Join-Path $folder 'plain')
        { $one | Save-InpaintImage "$folder/plain/" } | Should -Throw '*is a file, not a folder*' -ErrorId 'OutputWriteFailed,*'
    }

    It 'refuses a -Name beside a file' {
        { $one | Save-InpaintImage "$folder/lion.png" -Name '{Seed}' } | Should -Throw '*names files in a folder*' -ErrorId 'InvalidParameter.Name,*'
        $folder | Should -Not -Exist
    }

    It 'evaluates a script block for each result' {
        ($one, $two | Save-InpaintImage $folder -Name { "s$($_.Seed)" }).Name | Sort-Object | Should -Be @('s42.png', 's43-0.png', 's43-1.png')
        ($two | Save-InpaintImage $folder -Name { "t$($_.Seed).jpg" }).Name | Should -Be @('t43-0.jpg', 't43-1.jpg')
        ($one | Save-InpaintImage -Path { "$folder/x$($_.Seed).jpg" }).Name | Should -Be 'x42.jpg'
        { Save-InpaintImage -InputObject $one -Name { $_.Seed } } | Should -Throw
        $one | Save-InpaintImage -Path { "$folder/y.png" } -Name { 'z' } -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure[0].FullyQualifiedErrorId | Should -Be 'InvalidParameter.Name,Inpaint.SaveInpaintImageCommand'
    }

    It 'does not leave the folder, whatever the template says' {
        $file = $one | Save-InpaintImage $folder -Name '../{Source}/../../x' -ErrorAction SilentlyContinue
        if ($file) { $file.DirectoryName | Should -Be $folder }
        Join-Path $TestDrive 'x.png' | Should -Not -Exist
        Join-Path (Split-Path $TestDrive) 'x.png' | Should -Not -Exist
    }

    It 'makes a plain name of <_>' -ForEach 'CON', 'aux.txt', 'a:b', 'lion...', ' x ' {
        $file = $one | Save-InpaintImage $folder -Name $_
        $file.DirectoryName | Should -Be $folder
        $file.BaseName | Should -Not -Match '^(con|aux)(\.|$)|[<>:"/\\|?*]|^[ .]|[ .]$'
        Get-ChildItem $folder -Force | Should -HaveCount 1
    }

    It 'replaces a link and does not follow it' -Skip:$IsWindows {
        $null = New-Item -ItemType Directory $folder
        Set-Content "$TestDrive/outside.png" 'mine'
        $null = New-Item -ItemType SymbolicLink "$folder/lion.png" -Target "$TestDrive/outside.png"
        $file = $one | Save-InpaintImage "$folder/lion.png" -Force
        (Get-Item $file).LinkType | Should -BeNullOrEmpty
        Get-Content "$TestDrive/outside.png" | Should -Be 'mine'
    }

    It 'writes metadata into the picture' {
        $file = $one | Save-InpaintImage $folder -Metadata Embedded
        [System.Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($file)) | Should -Match '42'
        $null = Invoke-Inpaint $file $mask
    }

    It 'writes metadata beside the picture' {
        $file = $one | Save-InpaintImage $folder -Metadata Sidecar
        $sidecar = Get-ChildItem $folder -Filter *.json
        $sidecar | Should -HaveCount 1
        (Get-Content $sidecar -Raw | ConvertFrom-Json) | Out-String | Should -Match '42'
    }

    It 'writes nothing with -WhatIf' {
        $one | Save-InpaintImage $folder -WhatIf | Should -BeNullOrEmpty
        $folder | Should -Not -Exist
    }

    It 'refuses what is no result: <_>' -ForEach 5, 'text' {
        $_ | Save-InpaintImage $folder -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure | Should -HaveCount 1
    }
}
