using System.Reflection;
using Inpaint.Planning;
using Xunit;

namespace Inpaint.Tests.Architecture;

/// <summary>What the preflight has checked cannot be made or changed by a program that uses the engine.</summary>
public sealed class CheckedTypesTests
{
    [Theory]
    [InlineData(typeof(RequestPlan))]
    [InlineData(typeof(InpaintProvider))]
    public void Only_the_engine_makes_and_changes_it(Type type)
    {
        Assert.True(type.IsSealed);
        Assert.Empty(type.GetConstructors());
        Assert.DoesNotContain(type.GetProperties(), property => property.GetSetMethod() is not null);
        Assert.Empty(type.GetFields(BindingFlags.Public | BindingFlags.Instance));
    }
}
