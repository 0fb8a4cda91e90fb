using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.FalGateway;
using Inpaint.Emulator.ModelsLab;
using Inpaint.Http;

namespace Inpaint.Emulator.Control;

/// <summary>Settings as JSON: the names are those of <see cref="EmulatorState"/>, <see cref="GatewaySettings"/> and <see cref="ModelsLabSettings"/> in camel case.</summary>
internal static class SettingsJson
{
    public static void Apply(EmulatorState state, JsonObject json)
    {
        foreach ((string name, JsonNode? value) in json)
        {
            switch (name)
            {
                case "falKeys":
                    Replace(state.FalKeys, json.Texts(name));
                    break;
                case "falLock":
                    state.FalLock = json.Text(name);
                    break;
                case "sizeMultiple":
                    state.SizeMultiple = value!.GetValue<int>();
                    break;
                case "jobLimit":
                    state.Jobs.Limit = json.Int(name) ?? int.MaxValue;
                    break;
                case "jobLimitRetryAfterSeconds":
                    state.Jobs.LimitRetryAfter = json.Seconds(name);
                    break;
                case "cdnBase":
                    state.CdnBase = json.Text(name);
                    break;
                case "uploadBase":
                    state.UploadBase = json.Text(name);
                    break;
                case "gateway":
                    ApplyGateway(state.Gateway, value!.AsObject());
                    break;
                case "modelsLab":
                    ApplyModelsLab(state.ModelsLab, value!.AsObject());
                    break;
                default:
                    throw Unknown(name);
            }
        }
    }

    private static void ApplyGateway(GatewaySettings gateway, JsonObject json)
    {
        foreach ((string name, _) in json)
        {
            switch (name)
            {
                case "keys":
                    Replace(gateway.Keys, json.Texts(name));
                    break;
                case "authScheme":
                    gateway.AuthScheme = json.Text(name)!;
                    break;
                case "namesWrongApp":
                    gateway.NamesWrongApp = json.Flag(name);
                    break;
                case "knowsAuto":
                    gateway.KnowsAuto = json.Flag(name);
                    break;
                case "knowsStatus":
                    gateway.KnowsStatus = json.Flag(name);
                    break;
                case "knowsCancel":
                    gateway.KnowsCancel = json.Flag(name);
                    break;
                case "isOutOfQuota":
                    gateway.IsOutOfQuota = json.Flag(name);
                    break;
                case "errorType":
                    gateway.ErrorType = json.Text(name)!;
                    break;
                default:
                    throw Unknown($"gateway.{name}");
            }
        }
    }

    private static void ApplyModelsLab(ModelsLabSettings modelsLab, JsonObject json)
    {
        foreach ((string name, _) in json)
        {
            switch (name)
            {
                case "keys":
                    Replace(modelsLab.Keys, json.Texts(name));
                    break;
                case "models":
                    Replace(modelsLab.Models, json.Texts(name));
                    break;
                case "isOutOfCredit":
                    modelsLab.IsOutOfCredit = json.Flag(name);
                    break;
                case "lacksPlan":
                    modelsLab.LacksPlan = json.Flag(name);
                    break;
                case "hidesErrorStatus":
                    modelsLab.HidesErrorStatus = json.Flag(name);
                    break;
                case "misspellsMessage":
                    modelsLab.MisspellsMessage = json.Flag(name);
                    break;
                case "queueLimit":
                    modelsLab.QueueLimit = json.Int(name) ?? 5;
                    break;
                case "duplicateWindowSeconds":
                    modelsLab.DuplicateWindow = json.Seconds(name) ?? TimeSpan.Zero;
                    break;
                case "etaSeconds":
                    modelsLab.Eta = json.Seconds(name) ?? TimeSpan.Zero;
                    break;
                case "maximumSteps":
                    modelsLab.MaximumSteps = json.Int(name) ?? 20;
                    break;
                case "ids":
                    modelsLab.Ids = json.Name<ModelsLabIdForm>(name);
                    break;
                case "outputs":
                    modelsLab.Outputs = json.Name<ModelsLabOutputForm>(name);
                    break;
                case "omitsMeta":
                    modelsLab.OmitsMeta = json.Flag(name);
                    break;
                case "fetchBase":
                    modelsLab.FetchBase = json.Text(name);
                    break;
                default:
                    throw Unknown($"modelsLab.{name}");
            }
        }
    }

    private static void Replace(ISet<string> set, string[] values)
    {
        set.Clear();
        set.UnionWith(values);
    }

    private static JsonException Unknown(string name) => new($"There is no setting \"{name}\".");
}
