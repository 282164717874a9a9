# lanchat 的简体中文文本。消息与参数须同 en.ftl 一致，写法见 CONTRIBUTING.md。

## 语言

language-unknown = 没有“{ $given }”这种语言：请写 en 或 zh-CN

## 设置

settings-lang = --lang 无法使用：{ $error }
