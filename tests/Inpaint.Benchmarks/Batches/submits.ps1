# The module: how long it takes from a command until its job is accepted, in milliseconds; one after the other, and several at a time.
param([int] $Jobs, [int] $AtOnce, [string] $Emulator, [string] $Folder, [string] $Picture, [string] $Mask, [string] $Module)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$env:INPAINT_HOME = Join-Path $Folder 'state'
Import-Module $Module
Set-InpaintProvider Test -Kind Fal -BaseUri "$Emulator/queue" -SyncUri "$Emulator/run" -StorageUri "$Emulator/rest" -ApiKey test-id:test-secret
$out = Join-Path $Folder 'out'
$common = @{ Provider = 'Test'; Prompt = 'a ball' }

$waited = foreach ($seed in 0..$Jobs) {
    $begin = [DateTimeOffset]::UtcNow
    $result = Invoke-Inpaint $Picture -Mask $Mask -Seed $seed @common
    ($result.Job.SubmittedAt - $begin).TotalMilliseconds
    $null = $result | Save-InpaintImage -Path $out -Name '{Id}'
}

$started = foreach ($seed in 1..$Jobs) {
    $begin = [DateTimeOffset]::UtcNow
    $job = Start-InpaintJob $Picture -Mask $Mask -Seed $seed @common
    ($job.SubmittedAt - $begin).TotalMilliseconds
}

$begin = [DateTimeOffset]::UtcNow
$rows = 1..(4 * $AtOnce) | ForEach-Object { [pscustomobject] @{ Image = $Picture; Mask = $Mask; Seed = $_ } }
$null = $rows | Invoke-Inpaint -ThrottleLimit $AtOnce @common -OutVariable results | Save-InpaintImage -Path $out -Name '{Id}'
@{
    first = $waited[0]
    next = @($waited[1..$Jobs])
    started = @($started)
    submits = @($results.ForEach({ ($_.Job.SubmittedAt - $_.Job.CreatedAt).TotalMilliseconds }))
    batch = ([DateTimeOffset]::UtcNow - $begin).TotalMilliseconds
} | ConvertTo-Json -Compress
