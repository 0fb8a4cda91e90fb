using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Inpaint.Help;

/// <summary>
/// Marks the methods that the compiler adds to records as special names, as it marks the accessors of properties: a shell lists no method that is marked so, and a person who asks
/// what a job can do is not shown <c>&lt;Clone&gt;$</c>. Nothing else of the assembly changes; code that calls the methods still does.
/// </summary>
internal static class RecordMembers
{
    private static readonly string[] Names = ["<Clone>$", "Deconstruct"];

    // A row of the table of methods begins with the address of the method's code (4 bytes) and the flags of its implementation (2 bytes); its own flags follow.
    private const int FlagsOffset = 6;

    /// <summary>Writes an assembly with the methods marked.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="output">Where to.</param>
    public static void Hide(string assembly, string output)
    {
        byte[] content = File.ReadAllBytes(assembly);
        using PEReader file = new(new MemoryStream(content, writable: false));
        MetadataReader metadata = file.GetMetadataReader();
        int table = file.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.MethodDef);
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            if (Names.Contains(metadata.GetString(method.Name), StringComparer.Ordinal))
            {
                int flags = table + ((MetadataTokens.GetRowNumber(handle) - 1) * metadata.GetTableRowSize(TableIndex.MethodDef)) + FlagsOffset;
                BitConverter.TryWriteBytes(content.AsSpan(flags), (ushort)(method.Attributes | MethodAttributes.SpecialName));
            }
        }

        File.WriteAllBytes(output, content);
    }
}
