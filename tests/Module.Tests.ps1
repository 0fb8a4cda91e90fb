BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-Module (Get-ModulePath)
    $commands = Get-Command -Module Inpaint -CommandType Cmdlet
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot 'TestSupport.psm1')
    Import-TestModule (Join-Path $TestDrive 'state')
    $dog = New-TestPair -Folder (Join-Path $TestDrive 'pictures')
    $mask = Join-Path $TestDrive 'pictures/dog_mask.png'
    $emulator = Start-Emulator

    # Runs a script in a shell of its own and gives what it wrote, as lines.
    function Invoke-Shell([string] $Script) {
        $file = Join-Path $TestDrive 'shell.ps1'
        Set-Content -LiteralPath $file -Value "`$ErrorActionPreference = 'Stop'; `$WarningPreference = 'SilentlyContinue'; `$module = '$(Get-ModulePath)'; `$dog = '$dog'; `$mask = '$mask'; $Script"
        $output = Invoke-ShellProgram -NoLogo -NoProfile -NonInteractive -File $file 2>&1 | ForEach-Object { "$_" }
        if ($LASTEXITCODE -ne 0) { throw "exit code ${LASTEXITCODE}: $($output -join [Environment]::NewLine)" }
        $output
    }
}

AfterAll {
    Stop-Emulator
    Get-InpaintProvider Test | Remove-InpaintProvider
}

Describe 'The manifest' {
    It 'is valid' {
        (Test-ModuleManifest (Get-ModulePath)).Version | Should -BeGreaterThan ([version] '0.0')
    }

    It 'exports exactly the cmdlets that the assembly has' {
        $assembly = [Inpaint.InvokeInpaintCommand].Assembly
        $inAssembly = $assembly.GetExportedTypes().Where({ -not $_.IsAbstract -and $_.IsSubclassOf([System.Management.Automation.Cmdlet]) }).ForEach({
                $a = $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)[0]; "$($a.VerbName)-$($a.NounName)" })
        $exported = (Import-PowerShellDataFile (Get-ModulePath)).CmdletsToExport
        Compare-Object $inAssembly $exported | Should -BeNullOrEmpty
    }

    It 'has an alias Get-InpaintJob' {
        (Get-Alias Get-InpaintJob).Definition | Should -Be 'Get-InpaintStatus'
    }

    It 'ships its format and type files' {
        $folder = Split-Path (Get-ModulePath)
        Join-Path $folder 'Inpaint.Format.ps1xml' | Should -Exist
        Join-Path $folder 'Inpaint.Types.ps1xml' | Should -Exist
    }
}

Describe 'The assemblies' {
    # Nothing else would notice it: without optimization the runtime compiles each method once and not up to three times, which a batch gains from; what computes pixels needs it.
    It 'has <Assembly>.dll compiled <With> optimization' -Skip:($env:INPAINT_TEST_CONFIGURATION -eq 'Debug') -ForEach @(
        @{ Assembly = 'Inpaint'; With = 'without'; IsDisabled = $true }
        @{ Assembly = 'Inpaint.Core'; With = 'without'; IsDisabled = $true }
        @{ Assembly = 'Inpaint.Pictures'; With = 'with'; IsDisabled = $false }
    ) {
        $loaded = [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq $Assembly })
        $loaded.GetCustomAttributes([System.Diagnostics.DebuggableAttribute], $false).IsJITOptimizerDisabled | Should -Be $IsDisabled
    }
}

Describe '<_>' -ForEach $commands.Name {
    BeforeAll {
        $command = Get-Command $_
    }

    It 'has an approved verb' {
        $command.Verb | Should -BeIn (Get-Verb).Verb
    }

    It 'says what it gives' {
        $command.OutputType | Should -Not -BeNullOrEmpty
    }

    It 'is a sealed class named after it' {
        $command.ImplementingType.Name | Should -Be ($command.Name.Replace('-', '') + 'Command')
        $command.ImplementingType.IsSealed | Should -BeTrue
    }

    It 'has help with a syntax' {
        (Get-Help $_).Syntax | Out-String | Should -Match $_
    }
}

Describe 'Types' {
    It 'can be named in scripts: <_>' -ForEach 'Inpaint.InpaintJob', 'Inpaint.InpaintResult', 'Inpaint.InpaintImage', 'Inpaint.InpaintProvider', 'Inpaint.PictureSource', 'Inpaint.InpaintErrorId' {
        ($_ -as [type]).FullName | Should -Be $_
    }
}

Describe 'Isolation' {
    It 'brings no second copy of what .NET itself brings, whose types the shell of an older .NET would take for others' {
        $dependencies = Get-ChildItem (Join-Path (Split-Path (Get-ModulePath)) 'Dependencies') -Filter *.dll
        $dependencies | Should -Not -BeNullOrEmpty
        $dependencies.BaseName | Should -Not -Match '^(System\.|Microsoft\.Win32\.)'
    }

    It 'loads nothing of other makers at import, and for what needs no network the image library alone' {
        Invoke-Shell @'
$env:INPAINT_HOME = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())
function Get-Loaded { [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.Location -like '*Dependencies*' }).ForEach({ $_.GetName().Name }) }
Import-Module $module
Get-InpaintProvider Local | ForEach-Object Name
@(Get-Loaded).Count
(Invoke-Inpaint $dog -Mask $mask -Seed 1).Images.Count
Get-Loaded
'@ | Should -Be 'Local', '0', '1', 'NetVips'
    }

    It 'keeps them out of the session when they are loaded' {
        Invoke-Shell @"
`$env:INPAINT_HOME = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())
Import-Module `$module
Set-InpaintProvider There -Kind Fal -BaseUri $($emulator.Uri)/queue -ApiKey test-id:test-secret
Test-InpaintProvider There
`$null = Invoke-Inpaint `$dog -Mask `$mask -Seed 1
`$ours = [AppDomain]::CurrentDomain.GetAssemblies().Where({ `$_.Location -like '*Dependencies*' })
`$ours.Count -gt 0
`$ours.Where({ [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$_).Name -ne 'Inpaint' }).Count
"@ | Should -Be 'True', 'True', '0'
    }

    It 'works beside <Version> versions of the same libraries that the session has loaded before' -ForEach @(
        @{ Version = 'older'; Number = '1.0.0.0' }
        @{ Version = 'newer'; Number = '99.0.0.0' }
    ) {
        # Stand-ins with the libraries' names and nothing in them: whoever binds to an old one by mistake fails. A newer real one must be able to
        # serve, so for that case only libraries that nothing here calls are stood in for.
        Invoke-Shell @"
`$names = if ('$Number' -eq '1.0.0.0') { 'Microsoft.Extensions.DependencyInjection.Abstractions', 'Microsoft.Extensions.Logging.Abstractions', 'NetVips', 'System.Text.Json' } else { 'Microsoft.Extensions.DependencyInjection.Abstractions', 'System.Text.Json.Nodes' }
foreach (`$name in `$names) {
    # Not PersistedAssemblyBuilder, which only came with .NET 9.
    `$none = [System.Reflection.Metadata.StringHandle]::new()
    `$metadata = [System.Reflection.Metadata.Ecma335.MetadataBuilder]::new()
    `$null = `$metadata.AddModule(0, `$metadata.GetOrAddString("`$name.dll"), `$metadata.GetOrAddGuid([guid]::NewGuid()), [System.Reflection.Metadata.GuidHandle]::new(), [System.Reflection.Metadata.GuidHandle]::new())
    `$null = `$metadata.AddAssembly(`$metadata.GetOrAddString(`$name), [version] '$Number', `$none, [System.Reflection.Metadata.BlobHandle]::new(), 0, 0)
    `$null = `$metadata.AddTypeDefinition(0, `$none, `$metadata.GetOrAddString('<Module>'), [System.Reflection.Metadata.EntityHandle]::new(), [System.Reflection.Metadata.Ecma335.MetadataTokens]::FieldDefinitionHandle(1), [System.Reflection.Metadata.Ecma335.MetadataTokens]::MethodDefinitionHandle(1))
    `$image = [System.Reflection.Metadata.BlobBuilder]::new()
    `$null = [System.Reflection.PortableExecutable.ManagedPEBuilder]::new([System.Reflection.PortableExecutable.PEHeaderBuilder]::CreateLibraryHeader(), [System.Reflection.Metadata.Ecma335.MetadataRootBuilder]::new(`$metadata), [System.Reflection.Metadata.BlobBuilder]::new()).Serialize(`$image)
    `$file = Join-Path ([IO.Path]::GetTempPath()) "`$([guid]::NewGuid())"
    `$null = New-Item -ItemType Directory `$file
    [IO.File]::WriteAllBytes((Join-Path `$file "`$name.dll"), `$image.ToArray())
    `$null = [System.Reflection.Assembly]::LoadFrom((Join-Path `$file "`$name.dll"))
    `$null = [System.Runtime.Loader.AssemblyLoadContext]::new('another module').LoadFromAssemblyPath((Join-Path `$file "`$name.dll"))
}
`$env:INPAINT_HOME = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())
Import-Module `$module
(Invoke-Inpaint `$dog -Mask `$mask -Seed 1).Images.Count
Set-InpaintProvider There -Kind Fal -BaseUri $($emulator.Uri)/queue -ApiKey test-id:test-secret
Test-InpaintProvider There
"@ | Should -Be '1', 'True'
    }

    It 'can be imported twice, and again after removal' {
        Invoke-Shell @'
$env:INPAINT_HOME = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())
Import-Module $module
Import-Module $module -Force
(Invoke-Inpaint $dog -Mask $mask -Seed 1).Images.Count
Remove-Module Inpaint
Import-Module $module
(Invoke-Inpaint $dog -Mask $mask -Seed 1).Images.Count
'@ | Should -Be '1', '1'
    }

    It 'is refused with one error that says why, where another build of it is loaded' {
        $other = Join-Path $TestDrive other/Inpaint
        $null = New-Item -ItemType Directory $other
        Get-ChildItem (Split-Path (Get-ModulePath)) -File | Copy-Item -Destination $other
        # What makes a build another one is the id of its module.
        $id = [System.Reflection.Assembly]::LoadFrom((Join-Path (Split-Path (Get-ModulePath)) Inpaint.dll)).ManifestModule.ModuleVersionId
        $bytes = [System.IO.File]::ReadAllBytes("$other/Inpaint.dll")
        $at = [System.Text.Encoding]::Latin1.GetString($bytes).IndexOf([System.Text.Encoding]::Latin1.GetString($id.ToByteArray()), [StringComparison]::Ordinal)
        $at | Should -BeGreaterThan 0
        $bytes[$at] = $bytes[$at] -bxor 1
        [System.IO.File]::WriteAllBytes("$other/Inpaint.dll", $bytes)
        Invoke-Shell @"
Import-Module `$module
`$refusal = try { Import-Module '$other/Inpaint.psd1' } catch { `$_ }
@(`$refusal).Count
"`$refusal" -match "'Inpaint, Version=.* Assembly with same name is already loaded"
(Get-Module Inpaint).Path -eq (Join-Path (Split-Path `$module) Inpaint.dll)
(Get-InpaintProvider Local).Name
"@ | Should -Be '1', 'True', 'True', 'Local'
    }

    It 'works from several runspaces at once' {
        Invoke-Shell @'
$env:INPAINT_HOME = Join-Path ([IO.Path]::GetTempPath()) ([guid]::NewGuid())
$results = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
    Import-Module $using:module
    Invoke-Inpaint $using:dog -Mask $using:mask -Seed $_ -WarningAction SilentlyContinue
}
$results.Count
$results.Where({ $_ -is [Inpaint.InpaintResult] }).Count
'@ | Should -Be '4', '4'
    }
}

Describe 'Where the module says more about itself' {
    BeforeAll {
        $manifest = Import-PowerShellDataFile (Get-ModulePath)
        $about = $manifest.PrivateData.PSData
        $root = Split-Path $PSScriptRoot
        $page = { param($Uri) Join-Path $root $Uri.Substring($about.ProjectUri.Length) }
    }

    It 'names its page, licence and icon, each of which is there' {
        & $page $about.LicenseUri | Should -Exist
        & $page $about.IconUri | Should -Exist
        Join-Path (Split-Path (Get-ModulePath)) (Split-Path -Leaf $about.IconUri) | Should -Exist
    }

    It 'ships with what is new in it' {
        $newest = ((Get-Content -Raw (Join-Path $root CHANGELOG.md)) -split '(?m)^## ')[1] -split "`n" | Where-Object { $_ -like '- *' }
        $about.ReleaseNotes.Length | Should -BeLessOrEqual 35100
        $about.ReleaseNotes | Should -BeLike "*$([WildcardPattern]::Escape($newest[0].Trim()))*"
        Join-Path (Split-Path (Get-ModulePath)) CHANGELOG.md | Should -Exist
    }

    It 'has a page of its own for <_>' -ForEach @((Get-Command -Module Inpaint -CommandType Cmdlet).Name) {
        $uri = (Get-Command $_).HelpUri
        $uri | Should -Be "$($about.ProjectUri)docs/en-US/$_.md"
        & $page $uri | Should -Exist
    }

    It 'opens that page with Get-Help -Online' -Skip:(-not $IsLinux) {
        # Stands in for the desktop's program that opens pages.
        $stub = New-Item -ItemType Directory (Join-Path $TestDrive stub)
        Set-Content "$stub/xdg-open" "#!/bin/sh`nprintf %s `"`$1`" > '$stub/opening'; mv '$stub/opening' '$stub/opened'"
        chmod +x "$stub/xdg-open"
        $path = $env:PATH
        try {
            $env:PATH = "${stub}:$path"
            Get-Help Invoke-Inpaint -Online
        }
        finally { $env:PATH = $path }

        $limit = [datetime]::UtcNow.AddSeconds(30)
        while (-not (Test-Path "$stub/opened") -and [datetime]::UtcNow -lt $limit) { [System.Threading.Thread]::Sleep(20) }
        Get-Content -Raw "$stub/opened" | Should -Be (Get-Command Invoke-Inpaint).HelpUri
    }
}
