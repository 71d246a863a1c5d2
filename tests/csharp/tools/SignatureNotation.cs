// Prints the public declarations of types, one a line: `type<TAB>declaration<TAB>obsolete`. Fakes (compiled) and
// reference sources are both read as Roslyn symbols, so equal declarations give equal lines.
using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

public static class SignatureNotation
{
    static readonly SymbolDisplayFormat Names = new SymbolDisplayFormat(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    static readonly SymbolDisplayFormat Declarations = Names
        .WithGenericsOptions(SymbolDisplayGenericsOptions.IncludeTypeParameters
            | SymbolDisplayGenericsOptions.IncludeTypeConstraints)
        .WithMemberOptions(SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeParameters
            | SymbolDisplayMemberOptions.IncludeRef)
        .WithParameterOptions(SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeParamsRefOut
            | SymbolDisplayParameterOptions.IncludeDefaultValue | SymbolDisplayParameterOptions.IncludeExtensionThis);

    /// <summary>Returns every public type of an assembly, and those nested in them.</summary>
    public static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol parent)
    {
        foreach (INamespaceOrTypeSymbol member in parent.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            INamedTypeSymbol type = member as INamedTypeSymbol;
            if (type != null && !IsVisible(type)) { continue; }
            if (type != null) { yield return type; }
            foreach (INamedTypeSymbol inner in Types(member)) { yield return inner; }
        }
    }

    public static string NameOf(ITypeSymbol type) => type.ToDisplayString(Names);

    /// <summary>Returns the lines of one type; of members that are not public only those in `internals`.</summary>
    public static IEnumerable<string> Lines(INamedTypeSymbol type, ICollection<string> internals)
    {
        string name = NameOf(type);
        yield return name + "\t" + Kind(type) + "\t" + Obsolete(type);
        foreach (INamedTypeSymbol contract in type.Interfaces)
        {
            yield return name + "\tis " + NameOf(contract) + "\t";
        }
        if (type.TypeKind == TypeKind.Delegate) { yield break; }
        foreach (ISymbol member in type.GetMembers())
        {
            string state = Obsolete(member);
            foreach (string declaration in Declared(member, internals.Contains(name + "." + member.Name)))
            {
                yield return name + "\t" + declaration + "\t" + state;
            }
        }
    }

    static string Kind(INamedTypeSymbol type)
    {
        switch (type.TypeKind)
        {
            case TypeKind.Enum: return "enum : " + NameOf(type.EnumUnderlyingType);
            case TypeKind.Delegate:
                IMethodSymbol invoke = type.DelegateInvokeMethod;
                return "delegate " + NameOf(invoke.ReturnType) + " (" + Parameters(invoke) + ")";
            case TypeKind.Struct: return "struct";
            case TypeKind.Interface: return "interface";
        }
        string modifier = type.IsStatic ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "";
        return modifier + "class : " + NameOf(type.BaseType);
    }

    static IEnumerable<string> Declared(ISymbol member, bool isWanted)
    {
        bool isVisible = IsVisible(member) || isWanted;
        // A compiled constructor does not tell whether a source declared it.
        bool isDeclared = !member.IsImplicitlyDeclared || member is IMethodSymbol { MethodKind: MethodKind.Constructor }
            && member.ContainingType.TypeKind == TypeKind.Class;
        if (!isVisible || member.IsOverride || !isDeclared) { yield break; }
        string text = Modifiers(member) + member.ToDisplayString(Declarations);
        if (member is IPropertySymbol property)
        {
            if (IsAccessible(property.GetMethod)) { yield return text + " { get; }"; }
            if (IsAccessible(property.SetMethod)) { yield return text + " { set; }"; }
        }
        else if (member is IFieldSymbol field)
        {
            bool isEnum = field.ContainingType.TypeKind == TypeKind.Enum;
            yield return isEnum ? member.Name + " = " + field.ConstantValue
                : text + (field.IsConst ? " = " + field.ConstantValue : "");
        }
        else if (member is IEventSymbol)
        {
            yield return text;
        }
        else if (member is IMethodSymbol method && IsDeclaredMethod(method))
        {
            yield return text;
        }
    }

    static bool IsDeclaredMethod(IMethodSymbol method)
    {
        switch (method.MethodKind)
        {
            case MethodKind.Ordinary:
            case MethodKind.UserDefinedOperator:
            case MethodKind.Conversion:
            case MethodKind.Constructor: return true;
            default: return false;
        }
    }

    static string Modifiers(ISymbol member)
    {
        if (member.ContainingType.TypeKind == TypeKind.Enum) { return ""; }
        string access = member.DeclaredAccessibility == Accessibility.Public ? ""
            : member.DeclaredAccessibility == Accessibility.Protected ? "protected " : "internal ";
        string sharing = member is IFieldSymbol { IsConst: true } ? "const " : member.IsStatic ? "static " : "";
        string dispatch = member.IsAbstract ? "abstract " : member.IsVirtual ? "virtual " : "";
        string kind = member is IEventSymbol ? "event " : member is IFieldSymbol { IsReadOnly: true } ? "readonly " : "";
        return access + sharing + dispatch + kind;
    }

    static string Parameters(IMethodSymbol method)
    {
        return string.Join(", ", method.Parameters.Select(p => p.ToDisplayString(Declarations)));
    }

    static bool IsVisible(ISymbol symbol)
    {
        return symbol.DeclaredAccessibility == Accessibility.Public
            || symbol.DeclaredAccessibility == Accessibility.Protected
            || symbol.DeclaredAccessibility == Accessibility.ProtectedOrInternal;
    }

    static bool IsAccessible(ISymbol accessor) => accessor != null && IsVisible(accessor);

    static string Obsolete(ISymbol symbol)
    {
        AttributeData attribute = symbol.GetAttributes()
            .FirstOrDefault(a => a.AttributeClass != null && NameOf(a.AttributeClass) == "System.ObsoleteAttribute");
        if (attribute == null) { return ""; }
        bool isError = attribute.ConstructorArguments.Length > 1 && Equals(attribute.ConstructorArguments[1].Value, true);
        return isError ? "error" : "warning";
    }
}
