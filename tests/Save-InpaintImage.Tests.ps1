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

    It 'takes a name without extension for a folder' {
        ($one | Save-InpaintImage $folder).FullName | Should -Be (Join-Path $folder 'dog-inpaint.png')
    }

    It 'takes a name with extension for a file' {
        ($one | Save-InpaintImage "$folder/lion.png").FullName | Should -Be (Join-Path $folder 'lion.png')
    }

    It 'saves to the present location by default' {
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

    It 'gives what Get-Item gives, so that it keeps piping' {
        $file = $one | Save-InpaintImage $folder
        $item = Get-Item $file.FullName
        $file | Should -BeOfType System.IO.FileInfo
        foreach ($name in 'PSPath', 'PSParentPath', 'PSChildName', 'PSDrive', 'PSProvider', 'PSIsContainer') {
            "$($file.$name)" | Should -Be "$($item.$name)"
        }

        $file.PSPath | Should -Not -BeNullOrEmpty
        ($file | Invoke-Inpaint -Mask $mask -Seed 1).Images | Should -HaveCount 1
        ($file | Format-Table | Out-String) | Should -Match 'Directory: '
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
