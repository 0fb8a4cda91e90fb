# What the module's tests share: pictures made on the spot, the module under test, and a provider on loopback.

$script:CrcTable = $null

function Get-PngChunk([string] $Type, [byte[]] $Data) {
    if (-not $script:CrcTable) {
        $script:CrcTable = foreach ($n in 0..255) {
            [uint32] $c = $n
            foreach ($k in 1..8) { $c = if ($c -band 1) { 0xEDB88320u -bxor ($c -shr 1) } else { $c -shr 1 } }
            $c
        }
    }

    $body = [System.Text.Encoding]::ASCII.GetBytes($Type) + $Data
    [uint32] $crc = [uint32]::MaxValue
    foreach ($b in $body) { $crc = $script:CrcTable[($crc -bxor $b) -band 0xFF] -bxor ($crc -shr 8) }
    $crc = $crc -bxor [uint32]::MaxValue
    $length = [BitConverter]::GetBytes([uint32] $Data.Length); [array]::Reverse($length)
    $sum = [BitConverter]::GetBytes($crc); [array]::Reverse($sum)
    [byte[]] ($length + $body + $sum)
}

<#
.SYNOPSIS
Writes a small grayscale PNG: a gradient (Photo), or a mask that is white in its middle quarter (Mask), nowhere (Empty) or everywhere (Full).
#>
function New-TestPicture {
    param(
        [Parameter(Mandatory)] [string] $Path,
        [int] $Width = 64,
        [int] $Height = 64,
        [ValidateSet('Photo', 'Mask', 'Empty', 'Full')] [string] $Kind = 'Photo',
        [int] $Shade = 1
    )

    $raw = [byte[]]::new($Height * ($Width + 1))
    for ($y = 0; $y -lt $Height; $y++) {
        $row = $y * ($Width + 1) + 1
        for ($x = 0; $x -lt $Width; $x++) {
            $inside = $x -ge $Width * 0.375 -and $x -lt $Width * 0.625 -and $y -ge $Height * 0.375 -and $y -lt $Height * 0.625
            $raw[$row + $x] = switch ($Kind) {
                'Photo' { ($x * 3 + $y * 2 + $Shade * 7) % 256 }
                'Mask' { if ($inside) { 255 } else { 0 } }
                'Empty' { 0 }
                'Full' { 255 }
            }
        }
    }

    $packed = [System.IO.MemoryStream]::new()
    $zlib = [System.IO.Compression.ZLibStream]::new($packed, [System.IO.Compression.CompressionLevel]::Optimal)
    $zlib.Write($raw, 0, $raw.Length)
    $zlib.Dispose()
    $head = [BitConverter]::GetBytes([uint32] $Height) + [BitConverter]::GetBytes([uint32] $Width)
    [array]::Reverse($head)
    $png = [byte[]] (0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A) +
        (Get-PngChunk 'IHDR' ([byte[]] ($head + @(8, 0, 0, 0, 0)))) +
        (Get-PngChunk 'IDAT' $packed.ToArray()) +
        (Get-PngChunk 'IEND' ([byte[]]::new(0)))
    [System.IO.File]::WriteAllBytes($Path, [byte[]] $png)
    Get-Item -LiteralPath $Path
}

<#
.SYNOPSIS
Makes a picture and its mask, named as the tests want them: dog.png and dog_mask.png.
#>
function New-TestPair {
    param(
        [Parameter(Mandatory)] [string] $Folder,
        [string] $Name = 'dog',
        [int] $Size = 64,
        [int] $Shade = 1
    )

    $null = New-Item -ItemType Directory -Force -Path $Folder
    $null = New-TestPicture -Path (Join-Path $Folder "${Name}_mask.png") -Width $Size -Height $Size -Kind Mask
    New-TestPicture -Path (Join-Path $Folder "$Name.png") -Width $Size -Height $Size -Shade $Shade
}

<#
.SYNOPSIS
The manifest of the module under test: the one that was built, or a packaged one that $env:INPAINT_TEST_MODULE names.
#>
function Get-ModulePath {
    if ($env:INPAINT_TEST_MODULE) { $env:INPAINT_TEST_MODULE } else { Join-Path (Split-Path $PSScriptRoot) 'out/Inpaint/Inpaint.psd1' }
}

<#
.SYNOPSIS
Imports the module under test, with a state folder of its own and no provider but Local chosen.
#>
function Import-TestModule {
    param([Parameter(Mandatory)] [string] $StateFolder)

    $env:INPAINT_HOME = $StateFolder
    $env:INPAINT_CONFIG = Join-Path $StateFolder config
    Import-Module (Get-ModulePath) -Global
    # Settings last as long as the process, which may have run other files before.
    Get-InpaintProvider | Remove-InpaintProvider
}

<#
.SYNOPSIS
Starts the emulator as a program of its own and makes it the provider Test, with the key that it takes.
#>
function Start-Emulator {
    $configuration = if ($env:INPAINT_TEST_CONFIGURATION) { $env:INPAINT_TEST_CONFIGURATION } else { 'Release' }
    $program = Join-Path $PSScriptRoot "Inpaint.Emulator/bin/$configuration/net10.0/Inpaint.Emulator.dll"
    $start = [System.Diagnostics.ProcessStartInfo]::new('dotnet')
    $start.ArgumentList.Add($program)
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $line = $process.StandardOutput.ReadLine()
    if ($line -notmatch '^listening on (\S+)') { throw "The emulator did not start: $line" }
    $script:Emulator = [pscustomobject] @{ Uri = $Matches[1]; Process = $process }
    $test = (Get-ProviderUnderTest).Where({ $_.Kind -eq 'Fal' })[0]
    $uris = Get-EmulatorUri $test
    Set-InpaintProvider Test -Kind Fal @uris -ApiKey $test.Key
    $script:Emulator
}

<#
.SYNOPSIS
The providers that the same tests run through, one of each kind, from the one list of them: Kind, Key (which the emulator takes) and Uris (paths of the emulator).
#>
function Get-ProviderUnderTest {
    Get-Content (Join-Path $PSScriptRoot 'providers-under-test.json') -Raw | ConvertFrom-Json -AsHashtable | Group-Object { $_.kind } |
        ForEach-Object { $first = $_.Group[0]; @{ Kind = $first.kind; Key = $first.key; Uris = $first.uris } }
}

<#
.SYNOPSIS
The base URLs of a provider under test at the emulator, as parameters of Set-InpaintProvider.
#>
function Get-EmulatorUri([hashtable] $Provider) {
    $uris = @{}
    foreach ($name in $Provider.Uris.Keys) { $uris[$name] = "$($script:Emulator.Uri)$($Provider.Uris[$name])" }
    $uris
}

<#
.SYNOPSIS
Ends the emulator. It ends by itself when its input is closed.
#>
function Stop-Emulator {
    if ($script:Emulator) {
        $script:Emulator.Process.StandardInput.Dispose()
        if (-not $script:Emulator.Process.WaitForExit(5000)) { $script:Emulator.Process.Kill() }
        $script:Emulator = $null
    }
}

<#
.SYNOPSIS
Tells the emulator something, or asks it: Send-Emulator scripts @{ preset = 'heldInQueue' }; (Send-Emulator state).paidJobs
#>
function Send-Emulator {
    param(
        [Parameter(Mandatory)] [string] $Path,
        [hashtable] $Body,
        [string] $Method
    )

    if (-not $Method) { $Method = if ($Body) { 'Post' } else { 'Get' } }
    $arguments = @{ Uri = "$($script:Emulator.Uri)/_emulator/$Path"; Method = $Method; ProgressAction = 'SilentlyContinue' }
    if ($Body) { $arguments.Body = $Body | ConvertTo-Json -Depth 9 -Compress; $arguments.ContentType = 'application/json' }
    # An array comes out of Invoke-RestMethod as one object; this gives its items.
    $answer = Invoke-RestMethod @arguments
    $answer
}

<#
.SYNOPSIS
Makes the emulator forget everything and take jobs as it does by default.
#>
function Reset-Emulator {
    $null = Send-Emulator reset -Method Post
}

<#
.SYNOPSIS
Waits until the emulator's state is as wanted, which another process or runspace brings about.
#>
function Wait-Emulator {
    param([Parameter(Mandatory)] [scriptblock] $Until, [int] $Seconds = 30)

    $limit = [datetime]::UtcNow.AddSeconds($Seconds)
    while ($true) {
        $state = Send-Emulator state
        if ($state | ForEach-Object $Until) { return $state }
        if ([datetime]::UtcNow -gt $limit) { throw "The emulator did not come to { $Until }: $($state | ConvertTo-Json -Compress)" }
        [System.Threading.Thread]::Sleep(20)
    }
}

<#
.SYNOPSIS
The program that this shell is, with the arguments that come before a shell's own, so that another one can be started. Where PowerShell is installed as a .NET tool, it is dotnet that runs it.
#>
function Get-ShellProgram {
    $program = (Get-Process -Id $PID).Path
    $isTool = (Split-Path $program -LeafBase) -eq 'dotnet'
    [pscustomobject] @{ Path = $program; Arguments = [string[]] @(if ($isTool) { Join-Path $PSHOME 'pwsh.dll' }) }
}

<#
.SYNOPSIS
Runs a shell like this one with the arguments that are given.
#>
function Invoke-ShellProgram {
    $program = Get-ShellProgram
    $first = $program.Arguments
    & $program.Path @first @args
}

<#
.SYNOPSIS
Begins a script in a runspace of its own, with the module imported and $dog, $mask and $pictures as here.
#>
function Start-InRunspace {
    param(
        [Parameter(Mandatory)] [string] $Script,
        [hashtable] $Variables = @{}
    )

    $shell = [powershell]::Create()
    $null = $shell.AddScript("Import-Module '$(Get-ModulePath)'; `$ErrorActionPreference = 'Continue'").Invoke()
    foreach ($name in $Variables.Keys) { $shell.Runspace.SessionStateProxy.SetVariable($name, $Variables[$name]) }
    $shell.Commands.Clear()
    $null = $shell.AddScript($Script)
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $inputs = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $inputs.Complete()
    [pscustomobject] @{ Shell = $shell; Output = $output; Handle = $shell.BeginInvoke($inputs, $output) }
}

Export-ModuleMember -Function New-TestPicture, New-TestPair, Get-ModulePath, Import-TestModule, Start-Emulator, Stop-Emulator, Get-ProviderUnderTest, Get-EmulatorUri, Send-Emulator, Reset-Emulator, Wait-Emulator, Get-ShellProgram, Invoke-ShellProgram, Start-InRunspace
