using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Providers.Shared;

/// <summary>A request's JSON body, with the pictures whose tokens it contains. It can be sent repeatedly.</summary>
internal sealed record JsonBody(JsonObject Fields, IReadOnlyList<InlinePicture> Pictures)
{
    // The default encoder would escape characters of base64 and URLs.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Creates a body without pictures.</summary>
    public JsonBody(JsonObject fields)
        : this(fields, [])
    {
    }

    /// <summary>Makes the content of one attempt.</summary>
    /// <exception cref="InpaintException">ImageNotFound: a picture is gone, or has changed.</exception>
    public HttpContent ToContent() => ToContent(key: null);

    /// <summary>Makes the content of one attempt, with a field for the key of a service that expects it in the body.</summary>
    /// <exception cref="InpaintException">ImageNotFound: a picture is gone, or has changed.</exception>
    public HttpContent ToContent((string Field, string Value)? key) => new Content(Write(key), Pictures);

    private ReadOnlyMemory<byte> Write((string Field, string Value)? key)
    {
        ArrayBufferWriter<byte> body = new(1024);
        using (Utf8JsonWriter writer = new(body, WriterOptions))
        {
            writer.WriteStartObject();
            if (key is { } secret)
            {
                writer.WriteString(secret.Field, secret.Value);
            }

            foreach ((string name, JsonNode? value) in Fields)
            {
                writer.WritePropertyName(name);
                if (value is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return body.WrittenMemory;
    }

    /// <summary>The body while it is sent: text and pictures in turn. Its length is known, so that it is not sent in chunks, which not every service accepts.</summary>
    private sealed class Content : HttpContent
    {
        private readonly List<Part> parts = [];
        private readonly long length;

        public Content(ReadOnlyMemory<byte> text, IReadOnlyList<InlinePicture> pictures)
        {
            Headers.TryAddWithoutValidation("Content-Type", "application/json");
            try
            {
                while (FindFirst(text.Span, pictures) is (int at, { } picture))
                {
                    parts.Add(new Part(text[..at], picture, picture.Open()));
                    length += at + picture.EncodedLength;
                    text = text[(at + picture.Token.Length)..];
                }
            }
            catch (InpaintException)
            {
                Dispose();
                throw;
            }

            parts.Add(new Part(text, null, null));
            length += text.Length;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            foreach ((ReadOnlyMemory<byte> text, InlinePicture? picture, Stream? source) in parts)
            {
                await stream.WriteAsync(text, cancellationToken).ConfigureAwait(false);
                if (picture is not null)
                {
                    await picture.WriteAsync(source!, stream, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = this.length;
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            foreach (Part part in parts)
            {
                part.Source?.Dispose();
            }

            base.Dispose(disposing);
        }

        private sealed record Part(ReadOnlyMemory<byte> Text, InlinePicture? Picture, Stream? Source);

        private static (int At, InlinePicture? Picture) FindFirst(ReadOnlySpan<byte> text, IReadOnlyList<InlinePicture> pictures)
        {
            (int At, InlinePicture? Picture) first = (int.MaxValue, null);
            foreach (InlinePicture picture in pictures)
            {
                int at = text.IndexOf(Encoding.ASCII.GetBytes(picture.Token));
                if (at >= 0 && at < first.At)
                {
                    first = (at, picture);
                }
            }

            return first;
        }
    }
}
