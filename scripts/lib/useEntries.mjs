import { join } from 'node:path';
import ts from 'typescript';

/**
 * Returns the source of a module that uses every export of `entries`, resolved from `directory`. It
 * calls each function and method, reads each property, extends each class, and exports every result
 * without a type annotation. A compiler that writes declarations must then name every type that a
 * user can reach.
 */
export function useEntries(directory, entries) {
  const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';`);
  const file = join(directory, 'entries.ts');
  const host = ts.createCompilerHost({});
  const read = host.getSourceFile;
  host.getSourceFile = (name, ...rest) =>
    name === file
      ? ts.createSourceFile(name, imports.join('\n'), ts.ScriptTarget.ES2022)
      : read(name, ...rest);
  const options = { module: ts.ModuleKind.Node16, types: ['node'], lib: ['lib.es2022.d.ts'] };
  const program = ts.createProgram([file], { ...options, strict: true }, host);
  const checker = program.getTypeChecker();

  const uses = [];
  program.getSourceFile(file).statements.forEach(({ moduleSpecifier }, i) => {
    const module = checker.getSymbolAtLocation(moduleSpecifier);
    if (module === undefined) throw new Error(`no declarations of ${entries[i]}`);
    const values = checker.getTypeOfSymbolAtLocation(module, moduleSpecifier);
    for (const exported of checker.getExportsOfModule(module)) {
      const alias = exported.flags & ts.SymbolFlags.Alias;
      const symbol = alias ? checker.getAliasedSymbol(exported) : exported;
      const name = `entry${i}.${exported.name}`;
      if (values.getProperty(exported.name)) useValue(name, symbol);
      if (symbol.flags & ts.SymbolFlags.Type) useType(name, symbol);
    }
  });
  const results = uses.map((use, i) => `export ${use.replace('RESULT', `result${i}`)}`);
  return [...imports, ...results, ''].join('\n');

  function useValue(name, symbol) {
    if (symbol.flags & ts.SymbolFlags.Class) {
      uses.push(`class RESULT extends ${name} {}`);
      const [signature] = checker.getTypeOfSymbol(symbol).getConstructSignatures();
      useParameters(`ConstructorParameters<typeof ${name}>`, signature);
    } else {
      uses.push(`const RESULT = ${name};`);
      useCall(name, `typeof ${name}`, checker.getTypeOfSymbol(symbol));
    }
  }

  function useType(name, symbol) {
    const type = checker.getDeclaredTypeOfSymbol(symbol);
    const parameters = symbol.declarations.find((each) => each.typeParameters)?.typeParameters;
    const named = parameters ? `${name}<${parameters.map(() => 'any').join(', ')}>` : name;
    uses.push(`const RESULT = (value: ${named}) => value;`);
    // The parts of a type from another package are not checked.
    const { fileName } = symbol.declarations[0].getSourceFile();
    if (!/\/node_modules\/(@rulescope|rulescope)\//.test(fileName)) return;
    useCall(`(null! as ${named})`, named, type);
    const isObject = (each) => each.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection);
    if (!(type.isUnion() ? type.types : [type]).every(isObject)) return;
    if (checker.isArrayLikeType(type)) return;
    for (const property of checker.getPropertiesOfType(type)) useProperty(named, property);
  }

  function useProperty(owner, property) {
    const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
    if (ts.getCombinedModifierFlags(property.declarations[0]) & hidden) return;
    if (property.name.startsWith('__@')) {
      // A method with a well-known symbol as its name. Only `using` calls it.
      if (property.name.startsWith('__@dispose@')) {
        uses.push(`function RESULT(value: ${owner}) { using held = value; return held; }`);
      }
      return;
    }
    const key = `['${property.name}']`;
    uses.push(`const RESULT = (null! as ${owner})${key};`);
    const method = `NonNullable<(${owner})${key}>`;
    const type = checker.getNonNullableType(checker.getTypeOfSymbol(property));
    useCall(`(null! as ${method})`, method, type);
  }

  function useCall(callee, named, type) {
    const signature = type.getCallSignatures().at(-1);
    if (signature === undefined) return;
    uses.push(`const RESULT = ${callee}(...(null! as Parameters<${named}>));`);
    useParameters(`Parameters<${named}>`, signature);
  }

  function useParameters(named, signature) {
    signature.parameters.forEach(({ valueDeclaration }, i) => {
      if (!valueDeclaration.dotDotDotToken) uses.push(`const RESULT = (null! as ${named})[${i}];`);
    });
  }
}
