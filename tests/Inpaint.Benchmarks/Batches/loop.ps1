# The loop that a user would write without a module: submit, ask every half second, collect, download.
param([int] $Jobs, [int] $AtOnce, [string] $Emulator, [string] $Folder, [string] $Picture, [string] $Mask)

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$begin = [DateTimeOffset]::UtcNow
$null = New-Item -ItemType Directory (Join-Path $Folder 'out')
1..$Jobs | ForEach-Object -ThrottleLimit $AtOnce -Parallel {
    $ErrorActionPreference = 'Stop'
    $ProgressPreference = 'SilentlyContinue'
    $headers = @{ Authorization = 'Key test-id:test-secret' }
    $body = @{
        prompt = 'a ball'
        seed = $_
        image_url = 'data:image/png;base64,' + [Convert]::ToBase64String([IO.File]::ReadAllBytes($using:Picture))
        mask_url = 'data:image/png;base64,' + [Convert]::ToBase64String([IO.File]::ReadAllBytes($using:Mask))
    }
    $job = Invoke-RestMethod "$using:Emulator/queue/fal-ai/flux-lora/inpainting" -Method Post -Headers $headers -ContentType application/json -Body ($body | ConvertTo-Json)
    while ((Invoke-RestMethod $job.status_url -Headers $headers).status -ne 'COMPLETED') { Start-Sleep -Milliseconds 500 }
    $result = Invoke-RestMethod $job.response_url -Headers $headers
    Invoke-WebRequest $result.images[0].url -OutFile (Join-Path $using:Folder "out/$($job.request_id).png")
}

$self = [System.Diagnostics.Process]::GetCurrentProcess()
@{
    wall = ([DateTimeOffset]::UtcNow - $begin).TotalSeconds
    cpu = $self.TotalProcessorTime.TotalSeconds
    peak = $self.PeakWorkingSet64
    allocated = [GC]::GetTotalAllocatedBytes()
    methods = [System.Runtime.JitInfo]::GetCompiledMethodCount($false)
} | ConvertTo-Json -Compress
