BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $null = Start-Emulator
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'Invoke-Inpaint -OutPath' {
    BeforeEach {
        Reset-Emulator
        $pictures = Join-Path $TestDrive ([guid]::NewGuid())
        $dog = New-TestPair -Folder $pictures
        Push-Location $pictures
    }

    AfterEach { Pop-Location }

    It 'saves as Save-InpaintImage does, and the file leads back to its result' {
        $file = Invoke-Inpaint dog.png dog_mask.png 'a lion' -Provider Test -OutPath out/
        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName, $file.PSChildName | Should -Be (Join-Path $pictures out dog-inpaint.jpg), 'dog-inpaint.jpg'
        $file.Inpaint | Should -BeOfType Inpaint.InpaintResult
        $file.Inpaint.Job.Source, $file.Inpaint.Prompt | Should -Be $dog.FullName, 'a lion'
        Get-InpaintStatus | Should -BeNullOrEmpty -Because 'the picture is saved'
        $again = $file.Inpaint | Save-InpaintImage -Path again.jpg
        $again.Inpaint.Job.Id | Should -Be $file.Inpaint.Job.Id
        ($file.Inpaint.Images[0] | Save-InpaintImage -Path picture.png).Inpaint | Should -BeOfType Inpaint.InpaintImage
        ($again | Get-FileHash).Hash | Should -Be ($file | Get-FileHash).Hash
        ($file | Invoke-Inpaint -Mask dog_mask.png).Job.Source | Should -Be $file.FullName
    }

    It 'takes a name, and the rules for files that exist' {
        (Invoke-Inpaint dog.png dog_mask.png -Count 2 -Seed 7 -OutPath out/ -Name '{Source}_{Seed}').Name | Should -Be 'dog_7-0.png', 'dog_7-1.png'
        (Invoke-Inpaint dog.png dog_mask.png -OutPath out/).Name | Should -Be dog-inpaint.png
        (Invoke-Inpaint dog.png dog_mask.png -OutPath out/).Name | Should -Be dog-inpaint-2.png
        (Invoke-Inpaint dog.png dog_mask.png -OutPath out/ -Force).Name | Should -Be dog-inpaint.png
        { Invoke-Inpaint dog.png dog_mask.png -OutPath out/ -NoClobber -ErrorAction Stop } | Should -Throw -ErrorId 'OutputExists,Inpaint.InvokeInpaintCommand'
        (Invoke-Inpaint dog.png dog_mask.png -OutPath one.png -Metadata Sidecar).Name | Should -Be one.png
        'one.png.json' | Should -Exist
        (Invoke-Inpaint dog.png dog_mask.png -Seed 3 -OutPath one.png).Name | Should -Be one.png -Because 'a file that was named is replaced, as by Out-File'
        (Get-ChildItem dog.png | Invoke-Inpaint -Mask dog_mask.png -OutPath 'results-2026.11').FullName | Should -Be (Join-Path $pictures results-2026.11) -Because 'one picture goes into a file'
    }

    It 'converts with a quality' {
        $fine, $coarse = 90, 5 | ForEach-Object { Invoke-Inpaint dog.png dog_mask.png -Seed 1 -OutPath "q$_.jpg" -Quality $_ }
        $fine.Length | Should -BeGreaterThan $coarse.Length
    }

    It 'names the parameter of a file whose format cannot hold the picture, keeps the picture, and says how to save it' {
        # WebP holds 16383 pixels in a row.
        New-InpaintMask -Size 16400x8 -Rectangle 0,0,9,8 -Path "$TestDrive/wide.png" | Out-Null
        New-InpaintMask -Size 16400x8 -Rectangle 9,0,9,8 -Path "$TestDrive/wide_mask.png" | Out-Null
        $null = Invoke-Inpaint "$TestDrive/wide.png" -Provider Local -OutPath "$TestDrive/wide.webp" -ErrorVariable failure -ErrorAction SilentlyContinue
        $result = Invoke-Inpaint "$TestDrive/wide.png" -Provider Local
        $result | Save-InpaintImage "$TestDrive/wide.webp" -ErrorVariable +failure -ErrorAction SilentlyContinue
        $result | Save-InpaintImage "$TestDrive/" -Name wide.webp -ErrorVariable +failure -ErrorAction SilentlyContinue
        $failure.Exception.Parameter | Should -Be 'OutPath', 'Path', 'NameTemplate'
        foreach ($one in $failure) { "$one" | Should -BeLike "*The Png picture cannot be saved as 'wide.webp'*16383*" }
        foreach ($one in $failure) { $one.ErrorDetails.RecommendedAction | Should -BeLike 'Save the picture under a name with another extension, such as .png. The job * is kept: collect it with *' }
        "$TestDrive/wide.webp" | Should -Not -Exist
        $result | Save-InpaintImage "$TestDrive/whole.png" | Should -Exist
    }

    It 'goes by the rows, and saves each picture as it comes' {
        $rows = 'Image,Mask,OutPath,Name', 'dog.png,dog_mask.png,sub/first.png,x', 'dog.png,dog_mask.png,,y' | ConvertFrom-Csv
        $files = $rows | Invoke-Inpaint -Provider Test -Prompt x -OutPath out/ -ThrottleLimit 1 -WarningVariable warnings
        $files.FullName | Should -Be (Join-Path $pictures out sub first.png), (Join-Path $pictures out dog-inpaint.jpg)
        $warnings | Should -BeNullOrEmpty
        $files.Inpaint.Job.Columns.Name | Should -Be x, y
        ($rows | Invoke-Inpaint)[0] | Should -BeOfType Inpaint.InpaintResult -Because 'only the line saves'
    }

    It 'pays for nothing that cannot be saved: <Case>' -ForEach @(
        @{ Case = 'the picture itself'; Arguments = @{ OutPath = 'dog.png' }; ErrorId = 'OutputExists' }
        @{ Case = 'an existing file'; Arguments = @{ OutPath = 'dog_mask.png'; NoClobber = $true }; ErrorId = 'OutputExists' }
        @{ Case = 'a name beside a file'; Arguments = @{ OutPath = 'a.png'; Name = 'b' }; ErrorId = 'InvalidParameter.Name' }
        @{ Case = 'a name without a folder'; Arguments = @{ Name = 'b' }; ErrorId = 'InvalidParameter.Name' }
        @{ Case = 'a quality without files'; Arguments = @{ Quality = 90 }; ErrorId = 'InvalidParameter.Quality' }
        @{ Case = 'a format that is not written'; Arguments = @{ OutPath = 'a.heic' }; ErrorId = 'InvalidParameter.OutPath' }
        @{ Case = 'no place for files'; Arguments = @{ OutPath = 'Env:\a' }; ErrorId = 'OutputWriteFailed' }
    ) {
        { Invoke-Inpaint dog.png dog_mask.png 'a lion' -Provider Test @Arguments -ErrorAction Stop } | Should -Throw -ErrorId "$ErrorId,Inpaint.InvokeInpaintCommand"
        (Send-Emulator state).paidJobs | Should -Be 0
    }

    It 'keeps what cannot be fetched, and does not pay for it again' {
        $null = New-TestPicture -Path $dog.FullName -Shade 9
        $null = Send-Emulator faults @{ operation = 'download'; always = $true; faults = @(@{ kind = 'respond'; status = 403; body = 'no' }) }
        Invoke-Inpaint dog.png dog_mask.png 'a lion' -Provider Test -OutPath out/ -ErrorVariable failure -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'ResultAccessDenied,Inpaint.InvokeInpaintCommand'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Save-InpaintImage'
        $null = Send-Emulator faults -Method Delete
        (Invoke-Inpaint dog.png dog_mask.png 'a lion' -Provider Test -OutPath out/ -Resume).Name | Should -Be dog-inpaint.jpg
        (Send-Emulator state).paidJobs | Should -Be 1
    }
}

Describe 'New-InpaintImage -OutPath' {
    BeforeEach {
        Reset-Emulator
        $pictures = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $pictures
        Push-Location $pictures
    }

    AfterEach { Pop-Location }

    It 'saves as Save-InpaintImage does, and the file leads back to its result' {
        $file = New-InpaintImage 'a quiet lawn' -Provider Test -Size 64x48 -OutPath out/
        $file.FullName | Should -Be (New-InpaintImage 'a quiet lawn' -Provider Test -Size 64x48 | Save-InpaintImage -Path out/ -Force).FullName
        $file.Inpaint.Prompt | Should -Be 'a quiet lawn'
        Get-InpaintStatus | Should -BeNullOrEmpty -Because 'the pictures are saved'
        (New-InpaintImage 'a lawn' -Provider Test -Size 64x48 -Seed 7 -OutPath out/ -Name 'lawn-{Seed}.webp' -Quality 10 -Metadata Sidecar).Name | Should -Be 'lawn-7.webp'
        'out/lawn-7.webp.json' | Should -Exist
        $files = 'Prompt,OutPath', 'a lawn,sub/first.png', 'a bench,' | ConvertFrom-Csv | New-InpaintImage -Provider Test -Size 64x48 -OutPath rows/ -ThrottleLimit 1
        $files.Name | Should -Be 'first.png', 'a-bench-inpaint.jpg'
    }

    It 'pays for nothing that cannot be saved: <Case>' -ForEach @(
        @{ Case = 'an existing file'; Arguments = @{ OutPath = 'there.png'; NoClobber = $true }; ErrorId = 'OutputExists' }
        @{ Case = 'a name without a folder'; Arguments = @{ Name = 'b' }; ErrorId = 'InvalidParameter.Name' }
        @{ Case = 'a format that is not written'; Arguments = @{ OutPath = 'a.heic' }; ErrorId = 'InvalidParameter.OutPath' }
    ) {
        Set-Content there.png x
        { New-InpaintImage 'a lawn' -Provider Test @Arguments -ErrorAction Stop } | Should -Throw -ErrorId "$ErrorId,Inpaint.NewInpaintImageCommand"
        (Send-Emulator state).paidJobs | Should -Be 0
    }
}
