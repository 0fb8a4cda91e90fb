BeforeAll {
    $root = Split-Path $PSScriptRoot

    function Find-Version([string] $File, [string] $Pattern) {
        Get-Content (Join-Path $root $File) -Raw | Select-String $Pattern -AllMatches | ForEach-Object Matches | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique
    }
}

Describe 'The source' {
    It 'is formatted as .editorconfig says; build.ps1 Format -Fix does it' {
        $output = dotnet format whitespace $root --folder --verify-no-changes 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $output
    }

    It 'names one version of PowerShell wherever it is brought' {
        $version = Find-Version '.config/dotnet-tools.json' '"powershell":\s*\{\s*"version": "([^"]+)"'
        Find-Version 'tests/Inpaint.Shell.Tests/Inpaint.Shell.Tests.csproj' '<PowerShellVersion>([^<]+)<' | Should -Be $version
        Find-Version '.vscode/launch.json' '/powershell/([0-9.]+)/' | Should -Be $version
    }
}
