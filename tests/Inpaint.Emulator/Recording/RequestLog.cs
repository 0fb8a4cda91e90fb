using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Recording;

/// <summary>Everything that was received, in order of arrival.</summary>
public sealed class RequestLog
{
    private readonly Lock gate = new();
    private readonly List<RecordedRequest> requests = [];
    private readonly Dictionary<(WireService, WireOperation), int> ordinals = [];
    private readonly Changes changes = new();

    /// <summary>A snapshot of all requests.</summary>
    public IReadOnlyList<RecordedRequest> All
    {
        get
        {
            lock (gate)
            {
                return [.. requests];
            }
        }
    }

    /// <summary>The requests of one operation.</summary>
    /// <param name="operation">What was asked.</param>
    /// <param name="service">Of one service only.</param>
    /// <returns>A snapshot.</returns>
    public IReadOnlyList<RecordedRequest> Of(WireOperation operation, WireService? service = null) =>
        [.. All.Where(request => request.Operation == operation && (service is null || request.Service == service))];

    /// <summary>How many requests of an operation came in.</summary>
    /// <param name="operation">What was asked.</param>
    /// <param name="service">Of one service only.</param>
    /// <returns>Their number.</returns>
    public int Count(WireOperation operation, WireService? service = null) => Of(operation, service).Count;

    /// <summary>Waits until enough requests have been received, handled or not yet, so that a test needs no sleep.</summary>
    /// <param name="condition">Which requests count.</param>
    /// <param name="count">How many are waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The request that made it enough.</returns>
    public async Task<RecordedRequest> WaitForAsync(Func<RecordedRequest, bool> condition, int count = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        RecordedRequest[] found = [];
        await changes.WaitForAsync(() => (found = [.. All.Where(condition).Take(count)]).Length == count, cancellationToken);
        return found[^1];
    }

    /// <summary>Waits for the n-th request of an operation.</summary>
    /// <param name="operation">What is asked.</param>
    /// <param name="count">How many are waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The n-th request.</returns>
    public Task<RecordedRequest> WaitForAsync(WireOperation operation, int count = 1, CancellationToken cancellationToken = default) =>
        WaitForAsync(request => request.Operation == operation, count, cancellationToken);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (gate)
        {
            requests.Clear();
            ordinals.Clear();
        }
    }

    internal RecordedRequest Add(HttpContext http, WireRoute route)
    {
        lock (gate)
        {
            int ordinal = ordinals.GetValueOrDefault((route.Service, route.Operation)) + 1;
            ordinals[(route.Service, route.Operation)] = ordinal;
            RecordedRequest request = new()
            {
                Number = requests.Count + 1,
                Ordinal = ordinal,
                Service = route.Service,
                Operation = route.Operation,
                JobId = route.JobId,
                Method = http.Request.Method,
                Path = http.Request.Path.Value ?? "",
                Query = http.Request.QueryString.Value ?? "",
                Headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                ConnectionId = http.Connection.Id,
            };
            requests.Add(request);
            return request;
        }
    }

    /// <summary>Tells those who wait; called once a request's body is read and once it is over.</summary>
    internal void Announce() => changes.Announce();
}
