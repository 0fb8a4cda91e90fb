BeforeDiscovery {
    $formats = 'png', 'jpg', 'webp', 'avif', 'tif'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $dog = New-TestPair -Folder (Join-Path $TestDrive 'pictures')
    $mask = Join-Path $TestDrive 'pictures/dog_mask.png'
    $folder = Split-Path (Get-ModulePath)
    $emulator = Start-Emulator

    function Invoke-Shell([string] $Script, [string] $Module = (Get-ModulePath)) {
        $file = Join-Path $TestDrive 'shell.ps1'
        Set-Content -LiteralPath $file -Value "`$ErrorActionPreference = 'Stop'; `$WarningPreference = 'SilentlyContinue'; `$module = '$Module'; `$dog = '$dog'; `$mask = '$mask'; `$env:INPAINT_HOME = Join-Path '$TestDrive' ([guid]::NewGuid()); $Script"
        $output = Invoke-ShellProgram -NoLogo -NoProfile -NonInteractive -File $file 2>&1 | ForEach-Object { "$_" }
        if ($LASTEXITCODE -ne 0) { throw "exit code ${LASTEXITCODE}: $($output -join [Environment]::NewLine)" }
        $output
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'What is laid out' {
    It 'is libvips for every platform, and nothing native among the managed libraries' {
        $platforms = 'linux-arm64', 'linux-musl-x64', 'linux-x64', 'osx-arm64', 'osx-x64', 'win-arm64', 'win-x64'
        (Get-ChildItem (Join-Path $folder 'runtimes') -Directory).Name | Sort-Object | Should -Be $platforms
        foreach ($platform in $platforms) { @(Get-ChildItem (Join-Path $folder "runtimes/$platform/native") -File).Name | Should -Match '^libvips[-.]' }
        foreach ($file in Get-ChildItem (Join-Path $folder 'Dependencies')) { { [System.Reflection.AssemblyName]::GetAssemblyName($file.FullName) } | Should -Not -Throw }
    }

    It 'comes with the notices and licences of its makers' {
        Get-Content (Join-Path $folder 'THIRD-PARTY-NOTICES.md') -Raw | Should -Match 'libvips'
        (Get-ChildItem (Join-Path $folder 'licenses')).Name | Should -Contain 'LGPL-3.0.txt'
    }

    It 'weighs less than 60 MB, packed' {
        $zip = Join-Path $TestDrive 'module.zip'
        [System.IO.Compression.ZipFile]::CreateFromDirectory($folder, $zip)
        (Get-Item $zip).Length | Should -BeLessThan 60MB
    }
}

Describe 'The library in a session' {
    It 'lies in a context of its own' {
        Invoke-Shell @'
Import-Module $module
$null = Invoke-Inpaint $dog -Mask $mask -Seed 1
$netVips = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'NetVips' })
$netVips.Count
[System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext($netVips[0]).Name
'@ | Should -Be '1', 'Inpaint'
    }

    It 'works beside <Case>' -ForEach @(
        @{ Case = 'the same version of another module that has brought no libvips'; Use = '$null = [NetVips.Cache]::Max' }
        @{ Case = 'the same version of another module that nobody has used yet'; Use = '' }
    ) {
        $other = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item -ItemType Directory $other
        Copy-Item (Join-Path $folder 'Dependencies/NetVips.dll') $other
        Invoke-Shell @"
Add-Type -LiteralPath '$other/NetVips.dll'
try { $Use } catch { }
Import-Module `$module
(Invoke-Inpaint `$dog -Mask `$mask -Seed 1).Images.Count
"@ | Should -Be '1'
    }

    It 'serves runspaces at once, each of which imports the module anew' {
        Invoke-Shell @'
$results = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
    Import-Module $using:module -Force
    (Compare-InpaintImage $using:dog $using:dog).ChangedPixels
}
$results
'@ | Should -Be '0', '0', '0', '0'
    }

    It 'writes nothing to the terminal about a picture that is broken' {
        $broken = Join-Path $TestDrive 'broken.png'
        [byte[]] $bytes = [System.IO.File]::ReadAllBytes($dog)
        $bytes[$bytes.Length / 2] = $bytes[$bytes.Length / 2] -bxor 255
        [System.IO.File]::WriteAllBytes($broken, $bytes)
        $said = Invoke-Shell "Import-Module `$module; Compare-InpaintImage '$broken' `$dog -ErrorAction SilentlyContinue -ErrorVariable failure; `$failure[0].FullyQualifiedErrorId"
        $said | Should -HaveCount 1
        $said | Should -Match '^ImageUnsupported,'
    }
}

Describe 'A platform without libvips' {
    BeforeAll {
        $copy = Join-Path $TestDrive 'bare/Inpaint'
        $null = New-Item -ItemType Directory $copy
        Get-ChildItem $folder -Exclude runtimes | Copy-Item -Destination $copy -Recurse
        $bare = Join-Path $copy 'Inpaint.psd1'
        $isInstalled = (Invoke-Shell "Import-Module `$module; try { (Compare-InpaintImage `$dog `$dog).ChangedPixels } catch { `$_.FullyQualifiedErrorId }" $bare) -eq '0'
    }

    It 'says what needs pixels, why they are not to be had, and what to install' {
        if ($isInstalled) { Set-ItResult -Skipped -Because 'the system has libvips installed' }
        $said = Invoke-Shell "Import-Module `$module; Compare-InpaintImage `$dog `$dog -ErrorAction SilentlyContinue -ErrorVariable failure; `$failure[0].FullyQualifiedErrorId; `$failure[0].Exception.Message; `$failure[0].ErrorDetails.RecommendedAction" $bare
        $said[0] | Should -Match '^ImageLibraryMissing,'
        $said[1] | Should -Match 'libvips'
        $said[2] | Should -Match 'Install libvips'
    }

    It 'takes jobs whose picture and mask are addresses, and saves what they make' {
        if ($isInstalled) { Set-ItResult -Skipped -Because 'the system has libvips installed' }
        $target = Join-Path $TestDrive 'bare-out'
        Invoke-Shell @"
Import-Module `$module
Set-InpaintProvider There -Kind Fal -BaseUri $($emulator.Uri)/queue -ApiKey test-id:test-secret
`$made = New-InpaintImage -Prompt 'a lawn' -Provider There -Count 2
(Invoke-Inpaint `$made.Images[0].Url -Mask `$made.Images[1].Url -Prompt 'a bench' -Provider There | Save-InpaintImage -Path '$target').Length -gt 0
"@ $bare | Should -Be 'True'
    }
}

Describe 'Formats' {
    It 'are taken by every command: <_>' -ForEach $formats {
        # A mask is a picture like any other.
        $picture = Join-Path $TestDrive "photo.$_"
        $null = New-InpaintMask -Size 64x48 -Ellipse 30,20,20,15 -Feather 12 -Path $picture
        $drawn = New-InpaintMask -Image $picture -Rectangle 10,10,20,12 -Path (Join-Path $TestDrive "mask-$_.$_") -Force
        $result = Invoke-Inpaint $picture -Mask $drawn -Provider Local -Seed 1 -OutputFormat png | Save-InpaintImage -Path (Join-Path $TestDrive "result-$_/") -Force
        $compared = Compare-InpaintImage $picture $result -Mask $drawn -DifferencePath (Join-Path $TestDrive "difference.$_") -Force
        $compared.ChangedPixels | Should -Be 0
        Test-InpaintMask $drawn -Image $picture | Should -BeTrue
        (Show-InpaintImage $picture -Protocol Blocks -Width 20 | Out-String).Length | Should -BeGreaterThan 20
    }

    It 'that are converted for a service are named in verbose' {
        $picture = Join-Path $TestDrive 'sent.webp'
        $null = New-InpaintMask -Size 64x48 -Ellipse 30,20,20,15 -Feather 12 -Path $picture
        $drawn = New-InpaintMask -Image $picture -Rectangle 10,10,20,12 -Path (Join-Path $TestDrive 'sent_mask.png') -Force
        $said = Invoke-Inpaint $picture -Mask $drawn -Prompt 'a bench' -Provider ModelsLab -ApiKey x -WhatIf -Verbose 4>&1 | Out-String
        $said | Should -Match 'ModelsLab does not read WebP'
    }
}
