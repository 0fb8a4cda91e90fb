# The module: one line, from the pictures to the files, and what it took.
param([int] $Jobs, [int] $AtOnce, [string] $Emulator, [string] $Folder, [string] $Picture, [string] $Mask, [string] $Module)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$env:INPAINT_HOME = Join-Path $Folder 'state'
$begin = [DateTimeOffset]::UtcNow
if ($Jobs) {
    Import-Module $Module
    Set-InpaintProvider Test -Kind Fal -BaseUri "$Emulator/queue" -SyncUri "$Emulator/run" -StorageUri "$Emulator/rest" -ApiKey test-id:test-secret
    $rows = 1..$Jobs | ForEach-Object { [pscustomobject] @{ Image = $Picture; Mask = $Mask; Seed = $_ } }
    $files = $rows | Invoke-Inpaint -Provider Test -Prompt 'a ball' -ThrottleLimit $AtOnce | Save-InpaintImage -Path (Join-Path $Folder 'out') -Name '{Id}'
    if (@($files).Count -ne $Jobs) { throw "$(@($files).Count) files of $Jobs." }
}

$self = [System.Diagnostics.Process]::GetCurrentProcess()
@{
    wall = ([DateTimeOffset]::UtcNow - $begin).TotalSeconds
    cpu = $self.TotalProcessorTime.TotalSeconds
    peak = $self.PeakWorkingSet64
    allocated = [GC]::GetTotalAllocatedBytes()
    methods = [System.Runtime.JitInfo]::GetCompiledMethodCount($false)
} | ConvertTo-Json -Compress
