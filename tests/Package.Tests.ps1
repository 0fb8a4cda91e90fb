BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    $root = Split-Path $PSScriptRoot

    function Get-FileName([string] $Folder) {
        Get-ChildItem $Folder -Recurse -File | ForEach-Object { [IO.Path]::GetRelativePath($Folder, $_.FullName) } | Sort-Object
    }
}

Describe 'The package' {
    It 'is made of the module as it is, and does the main job from a shell that has only the package' {
        $output = Invoke-ShellProgram -NoProfile -NonInteractive -File (Join-Path $root 'build.ps1') Pack Unpack TryPackage -Output $TestDrive 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $output
        $version = (Import-PowerShellDataFile (Get-ModulePath)).ModuleVersion
        Join-Path $TestDrive "Inpaint.$version.nupkg" | Should -Exist
        Join-Path $TestDrive "Inpaint.$version.zip" | Should -Exist
        Join-Path $TestDrive 'demo/ball-inpaint.png' | Should -Exist
        $output | Should -Match ([regex]::Escape("The result is $(Join-Path $TestDrive 'demo/ball-inpaint.png')"))

        # Every file of the module is in the package, and no other.
        $module = Split-Path (Get-ModulePath)
        $packaged = Get-FileName (Join-Path $TestDrive "unpacked/Inpaint/$version") | Where-Object { $_ -notmatch '^(_rels|package)[\\/]|\.nuspec$|^\[Content_Types\]\.xml$' }
        $packaged | Should -Be (Get-FileName $module)
    }
}
