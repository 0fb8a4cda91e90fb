# A key that must never be seen again, and the ways to look for it.

# Made of pieces, so that no line of this script that an error quotes holds it.
$canary = '5ca1ab1e-0f0f', 'C4nary+Key/Of=Th3Mine' -join ':'
$secret = $canary.Split(':')[1]
$spellings = foreach ($text in $canary, $secret) {
    $text
    [uri]::EscapeDataString($text)
    [System.Text.Encodings.Web.JavaScriptEncoder]::Default.Encode($text)
    $text.Replace('/', '\/')
    [System.Net.WebUtility]::HtmlEncode($text)
    [Convert]::ToBase64String([System.Text.Encoding]::UTF8.GetBytes($text)).TrimEnd('=')
    # As Clixml writes a SecureString where the system offers no encryption.
    [Convert]::ToHexString([System.Text.Encoding]::Unicode.GetBytes($text))
}

<#
.SYNOPSIS
The key: an id and a secret, with letters that base64, URLs and JSON each spell in another way.
#>
function Get-Canary {
    $canary
}

<#
.SYNOPSIS
Makes an answer, as a fault for the emulator, that writes the key wherever it may stand: in its reason, in headers, and where CANARY stands in what is given.
#>
function New-Echo([int] $Status, [string] $Body, [string] $Type = 'application/json', [hashtable] $Headers = @{}, [switch] $After) {
    $all = @{ 'x-fal-request-id' = $canary; 'X-Fal-Error-Type' = $canary; 'X-Echo' = $canary; 'WWW-Authenticate' = $canary }
    foreach ($name in $Headers.Keys) { $all[$name] = $Headers[$name].Replace('CANARY', $canary) }
    @{ kind = 'respond'; status = $Status; reason = "No $canary"; contentType = $Type; headers = $all; body = $Body.Replace('CANARY', $canary); afterAccept = [bool] $After }
}

<#
.SYNOPSIS
Throws when a text holds the key in any spelling.
#>
function Assert-NoKey([string] $Where, [string] $Text) {
    foreach ($spelling in $spellings) {
        $at = $Text.IndexOf($spelling, [System.StringComparison]::OrdinalIgnoreCase)
        if ($at -ge 0) { throw "$Where holds the key: $($Text.Substring([Math]::Max(0, $at - 300), [Math]::Min($Text.Length - [Math]::Max(0, $at - 300), 500)))" }
    }
}

<#
.SYNOPSIS
Does whatever a person may do with what a line gave: look at it, take it apart, keep it; and throws when that shows the key.
#>
function Assert-NoKeyIn([object[]] $Things) {
    Assert-NoKey 'Clixml' ([System.Management.Automation.PSSerializer]::Serialize($Things, 3))
    Assert-NoKey 'A text' ($Things | Out-String -Width 4000)
    Assert-NoKey 'A list' ($Things | Format-List * -Force | Out-String -Width 4000)
    $records, $objects = $Things.Where({ $_ -is [System.Management.Automation.ErrorRecord] -or $_ -is [System.Management.Automation.InformationalRecord] -or $_ -is [System.Management.Automation.ProgressRecord] -or $_ -is [System.Exception] }, 'Split')
    # A file's own properties lead by its drive and its shell's modules to everything there is; what the file holds is looked at where it lies.
    $objects = $objects.ForEach({ $_ -is [System.IO.FileSystemInfo] ? $_.FullName : $_ })
    Assert-NoKey 'JSON' ($objects | ConvertTo-Json -Depth 10 -WarningAction Ignore)
    foreach ($record in $records) {
        $cause = $record -is [System.Management.Automation.ErrorRecord] ? $record.Exception : $record -as [System.Exception]
        for (; $cause; $cause = $cause.InnerException) {
            Assert-NoKey 'An exception' "$cause $($cause.Data | Out-String) $($cause | Format-List * -Force | Out-String -Width 4000)"
        }
    }
}

<#
.SYNOPSIS
Throws when a file below a folder holds the key in its name or its bytes.
#>
function Assert-NoKeyBelow([string] $Folder) {
    foreach ($file in Get-ChildItem -LiteralPath $Folder -Recurse -File -ErrorAction Ignore) {
        Assert-NoKey 'A file''s name' $file.FullName
        Assert-NoKey $file.Name ([System.Text.Encoding]::Latin1.GetString([System.IO.File]::ReadAllBytes($file.FullName)))
    }
}

Export-ModuleMember -Function Get-Canary, New-Echo, Assert-NoKey, Assert-NoKeyIn, Assert-NoKeyBelow
