//! Files and the functions they define.
//!
//! Each file is loaded once. A function is lowered when something that is lowered calls it, so that only what a
//! script uses is compiled. Library scripts are found by the name of the function that is called.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use tilewright_base::{Code, Diagnostic, FileId, Severity, Sites, SourceMap, Span, nearest};
use tilewright_ir::{Function, FunctionId, Program, Scope};
use tilewright_ops::catalogue::{self, own_name};
use tilewright_ops::natives;
use tilewright_ops::statement::Statement;
use tilewright_syntax::ast::{self, Name, Script};
use tilewright_syntax::parse;

use crate::function::FunctionLowerer;
use crate::{Arguments, Sources, entry, input};

/// A file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub usize);

#[derive(Default)]
struct Module {
    name: String,
    functions: BTreeMap<String, FunctionId>,
    namespaces: BTreeMap<String, ModuleId>,
}

/// A declared function.
#[derive(Clone)]
pub struct Declaration {
    /// Its syntax.
    pub ast: Rc<ast::Function>,
    /// The file it stands in, for names in its body and defaults.
    pub module: ModuleId,
}

/// All files and functions of a program.
pub struct Modules<'a> {
    map: &'a SourceMap,
    sources: &'a dyn Sources,
    /// The arguments of the script.
    pub arguments: &'a Arguments,
    modules: Vec<Module>,
    by_path: HashMap<String, ModuleId>,
    declarations: Vec<Declaration>,
    functions: Vec<Option<Function>>,
    queue: Vec<FunctionId>,
    /// Which functions are or have been in the queue.
    requested: Vec<bool>,
    /// What names mean in calls by a computed name, by file.
    scopes: BTreeMap<ModuleId, Scope>,
    /// For functions with defaults, the form that fills in missing arguments while running.
    entries: HashMap<FunctionId, FunctionId>,
    /// Everything found so far.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'a> Modules<'a> {
    /// The file of the main program.
    pub const MAIN: ModuleId = ModuleId(0);

    /// Nothing loaded yet.
    pub fn new(map: &'a SourceMap, sources: &'a dyn Sources, arguments: &'a Arguments) -> Modules<'a> {
        Modules {
            map,
            sources,
            arguments,
            modules: Vec::new(),
            by_path: HashMap::new(),
            declarations: Vec::new(),
            functions: Vec::new(),
            queue: Vec::new(),
            requested: Vec::new(),
            scopes: BTreeMap::new(),
            entries: HashMap::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Lowers the main program and all that it calls.
    pub fn lower_main(&mut self, file: FileId, script: Script) {
        self.declare_main(file, script);
        self.lower_queue();
    }

    /// Lowers an input of a session with these variables, and all that it calls.
    pub fn lower_input(&mut self, file: FileId, script: Script, variables: &[String]) {
        let main = self.declare_main(file, script);
        input::declare(self, Self::MAIN, main, variables);
        self.lower_queue();
        if let Some(main) = &mut self.functions[main.0 as usize] {
            main.results = input::results(main);
        }
    }

    /// Lowers a library function for calls by its name, behind a main program that does nothing.
    pub fn lower_library(&mut self, name: &str) {
        let file = self.map.add(format!("<call of {name}>"), "");
        self.declare_main(file, Script::default());
        if let Some(id) = self.resolve(Self::MAIN, name, false) {
            self.name_in_scope(Self::MAIN, name, id);
        }
        self.lower_queue();
    }

    fn declare_main(&mut self, file: FileId, mut script: Script) -> FunctionId {
        let text_end = self.map.file(file).text.len();
        let span = Span::new(file, 0, text_end);
        let main = ast::Function {
            name: Name { text: "main".into(), span },
            doc: String::new(),
            params: Vec::new(),
            results: Vec::new(),
            body: std::mem::take(&mut script.body),
            span,
        };
        let module = ModuleId(self.modules.len());
        self.modules
            .push(Module { name: self.map.file(file).name.display().to_string(), ..Module::default() });
        let id = self.declare(module, main);
        self.request(id);
        self.declare_all(module, script);
        id
    }

    fn lower_queue(&mut self) {
        while let Some(id) = self.queue.pop() {
            let declaration = self.declarations[id.0 as usize].clone();
            let lowered = FunctionLowerer::lower(self, &declaration);
            self.functions[id.0 as usize] = Some(lowered);
        }
    }

    /// The program, or what is wrong with it.
    ///
    /// # Errors
    /// All errors found; warnings are returned with the program.
    pub fn finish(self) -> Result<(Program, Vec<Diagnostic>), Vec<Diagnostic>> {
        if self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(self.diagnostics);
        }
        // Functions that nothing calls keep their number with an empty body.
        let empty = |declaration: &Declaration| Function {
            name: declaration.ast.name.text.clone(),
            variables: Vec::new(),
            params: Vec::new(),
            declared: Vec::new(),
            scope: declaration.module.0,
            results: Vec::new(),
            body: Vec::new(),
            span: declaration.ast.span,
            param_facts: Vec::new(),
            measured: tilewright_ir::Live::new(),
        };
        let lowered = self.functions.into_iter().zip(&self.declarations);
        let functions = lowered.map(|(function, declaration)| function.unwrap_or_else(|| empty(declaration)));
        let scope = |module| self.scopes.get(&ModuleId(module)).cloned().unwrap_or_default();
        let scopes = (0..self.modules.len()).map(scope).collect();
        let (functions, sites) = (functions.collect(), Sites::default());
        Ok((Program { functions, scopes, sites }, self.diagnostics))
    }

    /// The declaration of a function, to change.
    pub(crate) fn declaration_mut(&mut self, id: FunctionId) -> &mut Declaration {
        &mut self.declarations[id.0 as usize]
    }

    /// The declaration of a function.
    pub fn declaration(&self, id: FunctionId) -> Declaration {
        self.declarations[id.0 as usize].clone()
    }

    /// The function that a name means in a file, if it is a user's or a library function; it will be lowered.
    pub fn resolve(&mut self, module: ModuleId, name: &str, scalar: bool) -> Option<FunctionId> {
        let id = match name.split_once("::") {
            Some((namespace, function)) => {
                let target = *self.modules[module.0].namespaces.get(namespace)?;
                *self.modules[target.0].functions.get(function)?
            }
            None => match self.modules[module.0].functions.get(name) {
                Some(id) => *id,
                None if catalogue::find(name, 1).is_some() => return None,
                None => self.library(name, scalar)?,
            },
        };
        self.request(id);
        Some(id)
    }

    /// Sees to it that a function is lowered.
    fn request(&mut self, id: FunctionId) {
        if !std::mem::replace(&mut self.requested[id.0 as usize], true) {
            self.queue.push(id);
        }
    }

    /// A library function: the file of its name defines it under this name, or as `m_name` for matrices and
    /// `s_name` for scalars.
    fn library(&mut self, name: &str, scalar: bool) -> Option<FunctionId> {
        let name = own_name(name);
        let (path, text) = self.sources.library(name)?;
        let module = self.load(&path, &text);
        let functions = &self.modules[module.0].functions;
        let prefixed = |prefix: &str| functions.get(&format!("{prefix}_{name}")).copied();
        let by_kind = if scalar { prefixed("s").or(prefixed("m")) } else { prefixed("m").or(prefixed("s")) };
        functions.get(name).copied().or(by_kind).or(prefixed("f"))
    }

    /// Lets calls by a computed name reach a function.
    pub fn name_in_scope(&mut self, module: ModuleId, name: &str, id: FunctionId) {
        let entry = self.entry(id);
        self.scopes.entry(module).or_default().insert(name.into(), entry);
    }

    /// Lets calls by a computed name reach all functions of a file, those of the files it sources, and those of the
    /// main program.
    pub fn open_scope(&mut self, module: ModuleId) {
        let mut visible: Vec<(String, FunctionId)> = Vec::new();
        for file in [Self::MAIN, module] {
            let own = &self.modules[file.0];
            visible.extend(own.functions.iter().map(|(name, id)| (name.clone(), *id)));
            for (namespace, target) in &own.namespaces {
                let functions = self.modules[target.0].functions.iter();
                visible.extend(functions.map(|(name, id)| (format!("{namespace}::{name}"), *id)));
            }
        }
        for (name, id) in visible {
            self.name_in_scope(module, &name, id);
            if module != Self::MAIN {
                self.name_in_scope(Self::MAIN, &name, id);
            }
        }
    }

    /// The form of a function that calls by a computed name use.
    fn entry(&mut self, id: FunctionId) -> FunctionId {
        if let Some(entry) = self.entries.get(&id) {
            return *entry;
        }
        let declaration = self.declaration(id);
        let entry = match entry::with_defaults(&declaration.ast) {
            Some(function) => self.declare(declaration.module, function),
            None => id,
        };
        self.entries.insert(id, entry);
        self.request(entry);
        entry
    }

    /// The error for a name that is no function.
    pub fn unknown_function(&self, module: ModuleId, name: &Name) -> Diagnostic {
        if let Some(group) = natives::find(&name.text) {
            let message = format!("`{}` is not in this build yet", name.text);
            return Diagnostic::error(Code::Unsupported, name.span, message).hint(group.instead);
        }
        if let Some((namespace, function)) = name.text.split_once("::") {
            return self.unknown_in_namespace(module, name, namespace, function);
        }
        let library = self.sources.library_names();
        let mut candidates: Vec<&str> = self.modules[module.0].functions.keys().map(String::as_str).collect();
        catalogue::entries().for_each(|entry| candidates.push(entry.name()));
        Statement::ALL.iter().for_each(|statement| candidates.push(statement.name()));
        candidates.extend(library.iter().map(String::as_str));
        let error = Diagnostic::error(Code::Name, name.span, format!("unknown function `{}`", name.text));
        match nearest(&name.text, candidates) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`tilewright ops` lists all functions"),
        }
    }

    fn unknown_in_namespace(
        &self,
        module: ModuleId,
        name: &Name,
        namespace: &str,
        function: &str,
    ) -> Diagnostic {
        let namespaces = &self.modules[module.0].namespaces;
        let known = |names: &mut dyn Iterator<Item = &String>, word: &str| {
            nearest(word, names.map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
        };
        let (message, hint) = match namespaces.get(namespace) {
            Some(target) => (
                format!("`{namespace}` has no function `{function}`"),
                known(&mut self.modules[target.0].functions.keys(), function),
            ),
            None => (
                format!("no sourced file is named `{namespace}`"),
                known(&mut namespaces.keys(), namespace)
                    .or(Some(format!("source(\"file.dml\") as {namespace}"))),
            ),
        };
        let error = Diagnostic::error(Code::Name, name.span, message);
        match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    fn declare(&mut self, module: ModuleId, function: ast::Function) -> FunctionId {
        self.declarations.push(Declaration { ast: Rc::new(function), module });
        self.functions.push(None);
        self.requested.push(false);
        FunctionId(self.functions.len() as u32 - 1)
    }

    fn declare_all(&mut self, module: ModuleId, script: Script) {
        for function in script.functions {
            let name = function.name.clone();
            let id = self.declare(module, function);
            if self.modules[module.0].functions.insert(name.text.clone(), id).is_some() {
                let message = format!("the function `{}` is defined twice", name.text);
                self.diagnostics.push(Diagnostic::error(Code::Name, name.span, message));
            }
        }
        for source in script.sources {
            let from = self.modules[module.0].name.clone();
            match self.sources.load(&source.path, source.directory.as_deref(), &from) {
                Ok((path, text)) => {
                    let target = self.load(&path, &text);
                    self.modules[module.0].namespaces.insert(source.namespace.text, target);
                }
                Err(fault) => self.diagnostics.push(fault.at(source.span)),
            }
        }
    }

    /// Parses a file and declares its functions, once.
    fn load(&mut self, path: &str, text: &str) -> ModuleId {
        if let Some(module) = self.by_path.get(path) {
            return *module;
        }
        let module = ModuleId(self.modules.len());
        self.by_path.insert(path.into(), module);
        let file = self.map.add(path, text);
        let (script, diagnostics) = parse(file, text);
        self.diagnostics.extend(diagnostics);
        self.modules.push(Module { name: path.into(), ..Module::default() });
        self.declare_all(module, script);
        module
    }
}
