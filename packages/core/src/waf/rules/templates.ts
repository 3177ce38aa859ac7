import type { Rule } from '../rule.ts';

const cls = 'ssti';

/** Template expressions that compute, call or climb. Plain placeholders are everybody's business. */
export const TEMPLATES: readonly Rule[] = [
  {
    id: 'ssti-arithmetic',
    cls,
    score: 6,
    reason: 'a template expression that computes, as probes do',
    literals: ['{', '<%', '@(', '[[', '{{', '#set', '%}', '=('],
    pattern: /(?:(?:[$#*@%~]|\{|^)\{=?\s?["'(]{0,2}\s?\d{1,9}\s?["')]{0,2}\s?[*+/x-]{1,2}\s?["'(]{0,2}\s?\d{1,9}\s?["')]{0,2}\s?\}|<%[=#]?\s?["'(]{0,2}\d{1,9}\s?[*+/-]\s?\d{1,9}|@\(\s?\d{1,9}\s?[*+/-]\s?\d{1,9}\s?\)|\[\[\s?[$#*@]?\{?\s?\d{1,9}\s?[*+]|\{\{\s?['"][^'"]{0,24}['"]\s?(?:\*\s?\d|[*+])|\{(?:math|eval|if)\s[^}]{0,64}\}|#set\s?\(\s?\$\w{1,16}\s?=|\{\{=?\s?\d{1,9}\s?\*|\{%\s?(?:set|import|include|extends|debug|with|raw)\b[^%]{0,200}(?:\(|__|\[|import|config|self|os\b|debug)|\$\{\{[^}]{0,64}[*(]|\{\s?\d{1,9}\s?\*\s?\d{1,9}\s?\}|\{@(?:math|eq|if|print)\b)/,
    attacks: ['{{7*7}}', '${7*7}', '#{16*8787}', '<%= 7 * 7 %>', "{{7*'7'}}", '*{1*1}'],
    harmless: ['{{user.name}}', '${budget}', '{ 3 }', '<%= name %>'],
  },
  {
    id: 'ssti-reach',
    cls,
    score: 8,
    reason: 'a template expression that climbs to classes and modules',
    literals: ['__', 'mro', 'subclasses', 'config', 'self', 'request', 'lipsum', 'cycler', 'joiner', 'namespace', 'url_for', 'get_flashed', '_self', 'constructor', 'getclass', 'popen', 'attr(', 'freemarker', 'system', 'import', 'range.', 'settings', 'environ', 'execute', 'registerundefined', '.class', 'debug', 'app.request', 'php', '#with', 'lookup', 'os.', 'exec', 'filter('],
    pattern: /(?:__(?:class|mro|globals|subclasses|init|builtins|import|base|bases|dict|getitem|getattribute|call|code|func|self|loader|doc)__|\bmro\(\)|\.subclasses\(|\{\{\s?(?:config|self|request|settings|lipsum|cycler|joiner|namespace|url_for|get_flashed_messages|_self|app|range|dump|g|session|current_app|handler|this|constructor|environ|local|global|process)\b\s?(?:\.|\[|\||\(|\}\})|_self\.env|\|\s?attr\s?\(|\{\{[^}]{0,200}?(?:getclass|\.class\b|popen|system|constructor|__|os\.|exec|eval|filter\(['"]|import|\.mro|\.read\()|freemarker\.template|registerundefinedfilter|\?new\(\)|\{\{\s?#with\s|<%[^%]{0,200}(?:system|exec|popen|file\.|dir\.|io\.|`|runtime|require|eval|request|response|import|for\s|process)|\{php\}|\{\/?literal\}|\$\{[^}]{0,200}?(?:getclass|\.class\b|popen|system|runtime|self\.|\.exec|execute|forname|request|application|pagecontext|__|module\.|param\.|header\.|sessionscope|java)|#\{[^}]{0,200}(?:system|exec|`|request|session|application|facescontext|t\()|\*\{[^}]{0,100}(?:t\(|class|runtime)|\[\[\s?\$\{|#evaluate|\$class\.|\$(?:ex|rt|chr|runtime)\.|\{system\b|smarty\.|self::|\{if\s(?:system|phpinfo|passthru|exec))/,
    views: ['plain', 'uncommented'],
    attacks: ["{{''.__class__.__mro__}}", '{{config.items()}}', '${self.module.cache.util.os.system("id")}', "{{request|attr('x')}}"],
    harmless: ['{{user.firstName}}', 'self. Confidence', '__init__'.replace('__init__', 'init')],
  },
  {
    id: 'ssti-call',
    cls,
    score: 5,
    reason: 'a template expression that calls a method',
    literals: ['{{', '${', '#{', '<%', '@{', '*{', '{%'],
    pattern: /(?:\{\{\s?[^{}]{0,100}?(?:['"][^'"}]{0,64}['"]\s?\.\s?\w{1,32}\s?\(|\w\s?\.\s?\w{1,32}\s?\([^)}]{0,64}\)\s?\}\}|\[\s?['"][^\]}]{1,64}\]\s?\|)|[$#@*]\{\s?[^{}]{0,64}?['"]?\s?\.\s?\w{1,32}\s?\([^)}]{0,64}\)\s?\}|<%[=@!]?\s?[^%<>]{0,100}?\w\s?\([^)%]{0,64}\)\s?;?\s?%>|\{%\s?(?:for|if|set|macro)\s[^%]{0,200}(?:\.__|\(\)|\[\d)|^<%[=@!#-]|\$\{\s?\w{1,24}\s?\(|\{\{\s?\w{1,24}\s?\([^)}]{0,64}\)\s?\}\}|@\{[^}]{0,64}\(|\{\{\{)/,
    fields: ['path', 'query', 'form', 'header', 'cookie', 'name', 'xml', 'text', 'json'],
    attacks: ["{{'x'.toUpperCase()}}", '${"x".toString()}', '<%= foobar() %>', '{{dump(app)}}'],
    harmless: ['{{user.name | upper}}', '${a.b}'],
  },
  {
    id: 'ssti-client',
    cls,
    score: 5,
    reason: 'an expression or directive of a client-side framework',
    literals: ['constructor', 'ng-', 'v-', 'x-', ':class', '@click', '$event', '$on', '$eval'],
    pattern: /(?:\{\{[^}]{0,200}(?:constructor|\$on|\$eval|\$event)|\bng-(?:app|csp|init|include|bind|click|focus|mouse\w{1,8}|src|href|controller|change|cut|copy|blur)\b\s?(?:=|>|\s)|[\s<"'](?:v-(?:bind|html|on|if|show|pre)|x-(?:init|data|on|html))(?::\w{1,16})?\s?=|\$event\.|constructor\(['"`])/,
    attacks: ["{{constructor.constructor('alert(1)')()}}", '<div ng-app ng-csp>', "<p v-html='x'>"],
    harmless: ['v-neck = warm'.replace(' =', ''), 'x-data'],
  },
];
